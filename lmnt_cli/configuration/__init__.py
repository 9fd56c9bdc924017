"""Where option values come from, in layers: arguments, environment and a file. Also stores the key."""
