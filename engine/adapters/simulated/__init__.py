"""The simulated exchange: another party, with books of its own."""
