"""What is decided, without ever waiting: no clock, no socket, no thread, no operating system."""
