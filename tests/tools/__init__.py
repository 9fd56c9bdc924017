"""What tests share: the program as a process, a terminal, ears."""
