"""How other bots are read: bytes -> (events, problems)."""
