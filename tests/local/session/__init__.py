"""Tests of `lmnt_cli.local.session`."""
