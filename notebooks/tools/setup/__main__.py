"""Sets up everything the notebooks need, in `.lab` only; run again, it does only what is missing: `python -m tools.setup`.

Python packages from the locked list, evcxr_jupyter, the kernelspecs, the shared library of large crates (`prebuilt.py`), and a
warm build of lab-core. With `--full` also that of the kernel `rust-full`, which builds every crate from source.
Needs nothing but Python's standard library, because it runs before anything is installed.
"""

from __future__ import annotations

import sys

from tools import lab
from tools.setup import prebuilt
from tools.setup.kernelspecs import KERNELS, THIN, kernelspecs, no_news, plain_nbconvert, profile, warm
from tools.setup.toolchain import check_tools, evcxr, python_packages, standard_library


def main() -> None:
    """Do the steps; each says nothing when there is nothing to do. The long ones do not need each other."""
    rustc = check_tools()

    def library() -> None:
        if THIN:
            prebuilt.build(rustc, profile())

    lab.together(evcxr, library, python_packages)
    standard_library(rustc)
    kernelspecs(rustc)
    plain_nbconvert()
    no_news()
    warm(rustc, KERNELS if "--full" in sys.argv else ("rust",))


if __name__ == "__main__":
    main()
