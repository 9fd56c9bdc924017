"""Audio on its way up: formats, containers, where in time a byte is, and what plays it."""
