"""Tests of `lmnt_cli.core.text.strip`."""
