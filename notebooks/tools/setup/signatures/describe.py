#!/usr/bin/env -S python3 -IS
"""Stands between cargo and rustc (`RUSTC_WRAPPER`): compiles as asked, then lets rustdoc describe the same crate in JSON.

    LAB_DESCRIBE="FOLDER polars plotly ..."   where the descriptions go, and the names of crates that are described

So a description has the features that the compiled library has, and what a crate depends on is not checked a second time.
rustdoc's JSON is unstable, and `RUSTC_BOOTSTRAP` lets a stable one write it. What rustdoc says goes to `FOLDER/NAME.log`.

Each crate keeps its instances of generic functions to itself (`-Zshare-generics=n`, unstable as well): else rustc reads the list of
all 340 crates' instances, to see what it may share, for every cell, and the loader resolves them all at every start.
"""

import os
import subprocess
import sys

WITH_VALUE = ("--error-format", "--json", "--emit", "--out-dir", "-o", "--diagnostic-width")


def arguments_of_rustdoc(command: list[str]) -> list[str]:
    """rustc's arguments without those that say what to write and how to report."""
    kept: list[str] = []
    skip = False
    for argument in command:
        if skip:
            skip = False
        elif argument in WITH_VALUE:
            skip = True
        elif not argument.startswith(tuple(f"{option}=" for option in WITH_VALUE)):
            kept.append(argument)
    return kept


def main() -> int:
    """Compile, then describe; a description that fails does not fail the compilation."""
    command = sys.argv[1:]
    name = command[command.index("--crate-name") + 1] if "--crate-name" in command else ""
    folder, *wanted = os.environ["LAB_DESCRIBE"].split()
    if "--target" not in command or "CARGO_CRATE_NAME" not in os.environ:  # for a build script, or a question of one
        os.execvp(command[0], command)
    unstable = {**os.environ, "RUSTC_BOOTSTRAP": "1"}
    compile_it = [*command, "-Zshare-generics=n"]
    if name not in wanted:
        os.execvpe(command[0], compile_it, unstable)
    code = subprocess.call(compile_it, close_fds=False, env=unstable)  # cargo's job server is an open file
    if code == 0:
        rustdoc = command[0].removesuffix("rustc") + "rustdoc"
        options = ["-Zunstable-options", "--output-format=json", "--cap-lints=allow", "--out-dir", folder]
        with open(os.path.join(folder, f"{name}.log"), "w", encoding="utf-8") as log:
            subprocess.run([rustdoc, *arguments_of_rustdoc(command[1:]), *options], stdout=log, stderr=log, check=False,
                           close_fds=False, env=unstable)  # fmt: skip
    return code


if __name__ == "__main__":
    sys.exit(main())
