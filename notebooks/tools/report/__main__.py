"""Runs the notebooks whose inputs changed and writes their reports: `python -m tools.report --help`."""

import sys

from tools.report.run import main

try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit("\nstopped; finished reports are kept")
