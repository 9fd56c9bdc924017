"""One run of the program: open the ends, speak, keep what can be kept, report, exit."""
