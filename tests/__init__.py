"""The tests of lmnt-say. The directories mirror those of lmnt_cli."""
