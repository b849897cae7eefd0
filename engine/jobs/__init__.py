"""What the engine does, and how often."""
