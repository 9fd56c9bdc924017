"""The resumption proof: conversations cut at every point lose no word."""
