"""The text on its way to the service: bytes to plain text, plain text to messages and flushes."""
