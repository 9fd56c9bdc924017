"""Tests of `lmnt_cli.local.encoders`."""
