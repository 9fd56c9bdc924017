"""Where audio leaves the program: files, standard output and players."""
