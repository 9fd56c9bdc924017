"""Where options get their values: arguments, variables, a file in layers; and where the key is kept."""
