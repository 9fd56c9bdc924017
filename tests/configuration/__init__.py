"""Tests of `lmnt_cli.configuration`."""
