"""Makes the completions and the manual page from the program's options."""
