"""Tests of `lmnt_cli.core.captions`."""
