"""Alpaca, through alpaca-py: the adapter that knows what that library and that broker really do."""
