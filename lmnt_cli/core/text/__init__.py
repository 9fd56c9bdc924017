"""Text on its way down: bytes to plain text, plain text to messages and flushes."""
