"""Tests of `lmnt_cli.run`."""
