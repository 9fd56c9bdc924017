"""Samples to bytes in each audio format."""
