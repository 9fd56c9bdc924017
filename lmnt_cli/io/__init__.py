"""Input and output: descriptors, sockets and the terminal. This code waits, and makes no decisions."""
