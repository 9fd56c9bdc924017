"""Tests of `lmnt_cli.core.session`."""
