"""`python -m engine.cli` is `bellwether`."""

from engine.cli import main

main(prog_name="bellwether")
