"""Tests of `lmnt_cli.io.audio`."""
