"""Where daily bars, splits and listings come from: Massive, Alpaca or the recorded market."""
