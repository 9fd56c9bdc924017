"""Tools shared by the tests: the program as a process, a terminal, listening to audio."""
