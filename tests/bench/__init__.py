"""Side-by-side measurements; never part of a test run."""
