"""`python -m segue.cli` is `segue`."""

import sys

from segue.cli import main

if __name__ == "__main__":
    sys.exit(main())
