"""Side-by-side measurements of what the contract's section 10 promises; never part of a test run."""
