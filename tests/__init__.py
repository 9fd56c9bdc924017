"""The tests of lmnt-say; the folders mirror those of lmnt_cli."""
