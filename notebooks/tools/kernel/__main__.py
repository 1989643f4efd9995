"""What the kernelspecs start: `python -m tools.kernel KIND CONNECTION_FILE`."""

import sys

from tools.kernel.launch import main

sys.exit(main())
