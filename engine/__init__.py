"""The verbs of the desk: what is decided and done."""
