"""Filters that take out of a stream of text what is not to be spoken."""
