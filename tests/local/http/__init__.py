"""Tests of `lmnt_cli.local.http`."""
