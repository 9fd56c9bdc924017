"""Encoders: samples to the bytes of each audio format."""
