"""The outside: brokers and market data. Chosen by bootstrap alone."""
