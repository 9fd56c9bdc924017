"""One speech session after another: what may be said when, what is owed, what happens after a failure."""
