"""Audio leaves the program: files, standard output, players."""
