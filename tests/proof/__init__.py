"""The resumption proof: conversations that are cut at every point lose no word."""
