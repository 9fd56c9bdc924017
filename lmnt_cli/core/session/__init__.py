"""Speech sessions, one after another: which messages may be sent, which text is owed, how to recover."""
