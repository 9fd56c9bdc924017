"""One WebSocket session of the service."""
