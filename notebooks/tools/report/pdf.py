"""Print the reports to PDF with the system's Chromium: `python -m tools.report.pdf [reports/NAME.html …]`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import lab

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        print(f"pdf: none of {', '.join(BROWSERS)} is on PATH (Debian: apt install chromium)", file=sys.stderr)
        return 1
    pages = [Path(name) for name in sys.argv[1:]] or sorted(lab.REPORTS.glob("*.html"))
    for page in pages:
        with tempfile.TemporaryDirectory(dir=page.parent, prefix=".pdf.") as scratch:
            made = Path(scratch) / "page.pdf"
            command = [
                browser,
                "--headless",
                "--disable-gpu",
                "--no-pdf-header-footer",
            ]
            command += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # root has no sandbox
            command += [f"--user-data-dir={scratch}/profile", f"--print-to-pdf={made}", page.resolve().as_uri()]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode or not made.exists():
                print(f"pdf: {page.name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
                return 1
            made.replace(page.with_suffix(".pdf"))
        print(page.with_suffix(".pdf"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
