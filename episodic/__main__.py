"""``python -m episodic``."""

import sys

from episodic.cli import main

sys.exit(main())
