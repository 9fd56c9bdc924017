"""Where the program waits, without ever deciding: descriptors, the socket, the terminal."""
