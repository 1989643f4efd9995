"""What the kernelspecs start: `python -m tools.kernel KIND CONNECTION_FILE`."""

from __future__ import annotations

import os
import sys

from tools import lab


def main() -> None:
    """Serve Jupyter until it asks to end."""
    # ipykernel makes a profile of IPython, which is not used here, in the home.
    profiles = lab.LAB / "jupyter" / "ipython"
    profiles.mkdir(parents=True, exist_ok=True)
    os.environ["IPYTHONDIR"] = str(profiles)
    from ipykernel.kernelapp import IPKernelApp

    from tools.kernel.wrapper import RustKernel

    RustKernel.kind, connection_file = sys.argv[1:3]
    IPKernelApp.launch_instance(argv=["-f", connection_file, "--log-level=ERROR"], kernel_class=RustKernel, outstream_class=None)


if __name__ == "__main__":
    main()
