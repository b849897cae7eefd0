"""The nouns of the desk: what is traded, decided, recorded and who may do it."""
