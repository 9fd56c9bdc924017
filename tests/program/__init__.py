"""The installed program, tested from outside in pipes and on terminals."""
