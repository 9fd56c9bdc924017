"""Tests of `lmnt_cli.core.audio`."""
