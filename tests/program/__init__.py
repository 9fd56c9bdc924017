"""The installed program, tried from outside in pipes and on terminals."""
