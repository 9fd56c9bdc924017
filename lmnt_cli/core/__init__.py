"""The decisions of the program: no clock, no socket, no thread, no operating system, and no waiting."""
