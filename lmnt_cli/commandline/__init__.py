"""The words of the command line: arguments, help, what is wrong with them, and one to paste."""
