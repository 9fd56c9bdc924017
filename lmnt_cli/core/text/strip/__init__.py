"""Filters that remove from a stream of text what should not be spoken."""
