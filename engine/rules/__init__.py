"""Pure decisions: data in, data out."""
