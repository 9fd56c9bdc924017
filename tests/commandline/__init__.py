"""Tests of `lmnt_cli.commandline`."""
