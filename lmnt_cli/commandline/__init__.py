"""The text of the command line: arguments, help, usage errors, and the command that resumes a run."""
