"""Lets a kernel build lab-core and its dependencies in the folder that other kernels start from."""

from __future__ import annotations

import sys

from tools.kernel.session import DEP, Session


def main() -> None:
    """Add the dependency once; the kernel prints what it compiles."""
    with Session(sys.argv[1], extra=("--warm",)) as session:
        answer = session.run(DEP)
    if answer.error:
        sys.exit(answer.error)


if __name__ == "__main__":
    main()
