"""Tests of `lmnt_cli.local.speech`."""
