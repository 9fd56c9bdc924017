"""The audio as it arrives: formats, containers, the time of each byte, and the players."""
