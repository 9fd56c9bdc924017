"""Tests of `lmnt_cli.core.figures`."""
