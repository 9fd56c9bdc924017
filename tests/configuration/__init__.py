"""Tests of the layers that options come from."""
