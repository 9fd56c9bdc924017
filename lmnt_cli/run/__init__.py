"""One run of the program: open input and output, speak, salvage what a failure leaves, report, exit."""
