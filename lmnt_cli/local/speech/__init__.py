"""Text to samples: the offline voice."""
