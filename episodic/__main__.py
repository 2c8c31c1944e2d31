"""``python -m episodic``."""

from episodic.cli import program

program()
