"""Tests of the core: no clock, no process, no network."""
