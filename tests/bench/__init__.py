"""Side-by-side measurements for section 10 of the contract; never part of a test run."""
