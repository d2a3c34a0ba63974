"""Entry point of the ferroxd executable: what PyInstaller freezes."""

import sys

from ferrox.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
