"""What a run reports about itself: figures, events, the status line."""
