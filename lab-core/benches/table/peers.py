"""The peers of `main.rs`, one task at a time: reads "peer<TAB>task" lines, answers each with a median in milliseconds.

A peer that compiles answers with two numbers: the median, and the seconds that the first run took longer. The answer is
"-" where the peer has no such task, "missing" where it is not installed, "failed" where it does not work. Each function
does what the crate's routine does, in the peer's own idiom; float64 throughout. Peers use their default threads unless
their name says otherwise ("torch, 1 thread").
"""

from __future__ import annotations

import functools
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from compiled import jax_task, numba_task

if TYPE_CHECKING:
    import numpy as np

Work = Callable[[], object]


def median(work: Work, at_least: float = 0.2) -> float:
    """As in `main.rs`: one run, and more while they take less than `at_least` seconds together."""
    begin, times = time.perf_counter(), []
    while not times or time.perf_counter() - begin < at_least:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def low_rank(m: int, n: int, rank: int) -> np.ndarray:
    """A matrix of low rank plus noise, as in `tasks.rs` up to the draws."""
    import numpy as np

    rng = np.random.default_rng(0)
    return rng.standard_normal((m, rank)) @ rng.standard_normal((rank, n)) + 0.1 * rng.standard_normal((m, n))


def numpy_task(task: str, sizes: list[int]) -> Work | None:
    import numpy as np

    rng = np.random.default_rng(0)
    if task.startswith("gd"):
        m, n, rank, epochs = sizes
        a, u0, v0 = rng.standard_normal((m, n)), rng.random((m, rank)), rng.random((n, rank))

        def descend() -> None:
            u, v = u0.copy(), v0.copy()
            for _ in range(epochs):
                e = a - u @ v.T
                float((e * e).sum())
                u, v = u + 2e-6 * (e @ v), v + 2e-6 * (e.T @ u)

        return descend
    if task.startswith("sgd"):
        m, n, rank, epochs = sizes
        a = rng.standard_normal((m, n))

        def visit() -> None:
            u, v = rng.random((m, rank)), rng.random((n, rank))
            for _ in range(epochs):
                for r in range(m):
                    for c in range(n):
                        e = a[r, c] - u[r] @ v[c]
                        u[r] += 0.01 * e * v[c]
                        v[c] += 0.01 * e * u[r]
                float(((a - u @ v.T) ** 2).sum())

        return visit
    return None


def scipy_task(task: str, sizes: list[int]) -> Work | None:
    import numpy as np
    import scipy.linalg
    import scipy.sparse.linalg

    if not task.startswith("svd"):
        return None
    m, n, *rank = sizes
    rng = np.random.default_rng(0)
    if rank:
        a = low_rank(m, n, rank[0])
        return lambda: scipy.sparse.linalg.svds(a, rank[0], rng=0)
    a = rng.standard_normal((m, n))
    return lambda: scipy.linalg.svd(a, full_matrices=False)


def sklearn_task(task: str, sizes: list[int]) -> Work | None:
    import warnings

    import numpy as np
    from sklearn.decomposition import PCA, TruncatedSVD
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")  # that 100 epochs have not converged
    rng = np.random.default_rng(0)
    if task.startswith("mlp"):
        x, y = rng.standard_normal((100, 4)), np.arange(100) % 3
        return lambda: MLPClassifier(
            (12,), solver="sgd", alpha=0, batch_size=100, learning_rate_init=0.01, momentum=0, max_iter=100, tol=0,
            n_iter_no_change=100,
        ).fit(x, y)
    if task.startswith("svd"):
        m, n, *rank = sizes
        if rank:
            a = low_rank(m, n, rank[0])
            return lambda: TruncatedSVD(rank[0], random_state=0).fit_transform(a)
        a = rng.standard_normal((m, n))
        return lambda: PCA(n, svd_solver="full").fit_transform(a)
    return None


def torch_task(task: str, sizes: list[int]) -> Work | None:
    import torch

    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    if task.startswith("gd"):
        m, n, rank, epochs = sizes
        a = torch.randn(m, n)

        def descend() -> None:
            u, v = torch.rand(m, rank, requires_grad=True), torch.rand(n, rank, requires_grad=True)
            for _ in range(epochs):
                loss = ((a - u @ v.T) ** 2).sum()
                loss.backward()
                with torch.no_grad():
                    u -= 1e-6 * u.grad
                    v -= 1e-6 * v.grad
                u.grad = v.grad = None

        return descend
    if "mlp" in task:
        networks, x, y = (sizes[0] if task.endswith("mlps") else 1), torch.randn(100, 4), torch.arange(100) % 3
        many, target = ((networks,) if networks > 1 else ()), y.repeat(networks)

        def train() -> None:
            w1, w2 = torch.randn(*many, 4, 12, requires_grad=True), torch.randn(*many, 12, 3, requires_grad=True)
            b1, b2 = torch.zeros(*many, 1, 1, requires_grad=True), torch.zeros(*many, 1, 1, requires_grad=True)
            for _ in range(100):
                logits = torch.relu(x @ w1 + b1) @ w2 + b2
                loss = torch.nn.functional.cross_entropy(logits.reshape(-1, 3), target)
                loss.backward()
                with torch.no_grad():
                    for part in (w1, b1, w2, b2):
                        part.sub_(0.01 * networks * part.grad)  # the mean is over all networks
                        part.grad = None

        return train
    if task.startswith("svd"):
        m, n, *rank = sizes
        if rank:
            a = torch.randn(m, rank[0]) @ torch.randn(rank[0], n) + 0.1 * torch.randn(m, n)
            return lambda: torch.svd_lowrank(a, rank[0] + 6, niter=2)
        a = torch.randn(m, n)
        return lambda: torch.linalg.svd(a, full_matrices=False)
    return None


TASKS = {
    "numpy": numpy_task,
    "scipy": scipy_task,
    "torch": torch_task,
    "jax": jax_task,
    "numba": numba_task,
    "scikit-learn": sklearn_task,
}
COMPILED = {"jax", "numba"}


@functools.cache
def prepared(library: str, task: str) -> tuple[Work | None, float]:
    """The task with its data, run once, and what that took: the first run also loads and compiles what the peer needs."""
    sizes = [int(number) for number in re.findall(r"\d+", task)]
    work = TASKS[library](task, sizes)
    start = time.perf_counter()
    if work is not None:
        work()
    return work, time.perf_counter() - start


def answer(peer: str, task: str) -> str:
    library, *alone = peer.split(", ")
    try:
        work, first = prepared(library, task)
    except ImportError:
        return "missing"
    except Exception as error:
        print(f"{peer}: {error}", file=sys.stderr)
        return "failed"
    if work is None:
        return "-"
    if library == "torch":
        import torch

        threads = torch.get_num_threads()
        torch.set_num_threads(1 if alone else threads)
        try:
            return str(median(work))
        finally:
            torch.set_num_threads(threads)
    ms = median(work)
    return f"{ms}\t{max(first - ms / 1000, 0)}" if library in COMPILED else str(ms)


if __name__ == "__main__":
    for line in sys.stdin:
        print(answer(*line.rstrip("\n").split("\t")), flush=True)
