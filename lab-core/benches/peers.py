"""The peers' times for the rows of `table.rs`: one line of JSON for each row and peer, medians in milliseconds.

A peer that is not installed is left out. Each function does what the crate's routine of that row does, in the peer's own
idiom; float64 throughout.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable


def median(work: Callable[[], object], repeats: int) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def report(row: str, peer: str, work: Callable[[], object], repeats: int = 3) -> None:
    print(json.dumps({"row": row, "peer": peer, "ms": median(work, repeats)}), flush=True)


GD = [("gd 150 x 4, rank 2, 1000 epochs", 150, 4, 2, 1000), ("gd 1797 x 64, rank 5, 1000 epochs", 1797, 64, 5, 1000),
      ("gd 1000 x 1000, rank 20, 100 epochs", 1000, 1000, 20, 100)]
SVD = [("svd 150 x 4", 150, 4), ("svd 1797 x 64", 1797, 64), ("svd 2000 x 500", 2000, 500)]


def with_numpy() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    for row, m, n, rank, epochs in GD:
        a, u0, v0 = rng.standard_normal((m, n)), rng.random((m, rank)), rng.random((n, rank))

        def descend(a=a, u0=u0, v0=v0, epochs=epochs) -> None:
            u, v = u0.copy(), v0.copy()
            for _ in range(epochs):
                e = a - u @ v.T
                float((e * e).sum())
                u, v = u + 2e-6 * (e @ v), v + 2e-6 * (e.T @ u)

        report(row, "numpy", descend)

    a = rng.standard_normal((3, 3))

    def sgd() -> None:
        u, v = rng.random((3, 2)), rng.random((3, 2))
        for _ in range(1000):
            for r in range(3):
                for c in range(3):
                    e = a[r, c] - u[r] @ v[c]
                    u[r] += 0.01 * e * v[c]
                    v[c] += 0.01 * e * u[r]

    report("sgd 3 x 3, rank 2, 1000 epochs", "numpy", sgd)


def with_scipy() -> None:
    import numpy as np
    import scipy.linalg

    rng = np.random.default_rng(0)
    for row, m, n in SVD:
        a = rng.standard_normal((m, n))
        report(row, "scipy", lambda a=a: scipy.linalg.svd(a, full_matrices=False), 9)


def with_torch() -> None:
    import torch

    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    for row, m, n, rank, epochs in GD:
        a = torch.randn(m, n)

        def descend(a=a, m=m, n=n, rank=rank, epochs=epochs) -> None:
            u, v = torch.rand(m, rank, requires_grad=True), torch.rand(n, rank, requires_grad=True)
            for _ in range(epochs):
                loss = ((a - u @ v.T) ** 2).sum()
                loss.backward()
                with torch.no_grad():
                    u -= 1e-6 * u.grad
                    v -= 1e-6 * v.grad
                u.grad = v.grad = None

        report(row, "torch", descend)

    x, y = torch.randn(100, 4), torch.arange(100) % 3

    def train(networks: int = 1) -> None:
        one = networks == 1
        shape = (lambda *s: s) if one else (lambda *s: (networks, *s))
        w1, w2 = torch.randn(shape(4, 12), requires_grad=True), torch.randn(shape(12, 3), requires_grad=True)
        b1, b2 = torch.zeros(shape(1, 1), requires_grad=True), torch.zeros(shape(1, 1), requires_grad=True)
        target = y if one else y.repeat(networks)
        for _ in range(100):
            logits = torch.relu(x @ w1 + b1) @ w2 + b2
            reduction = "mean" if one else "sum"
            loss = torch.nn.functional.cross_entropy(logits.reshape(-1, 3), target, reduction=reduction)
            loss.backward()
            with torch.no_grad():
                for part in (w1, b1, w2, b2):
                    part -= 0.01 * part.grad
                    part.grad = None

    report("mlp 4-12-3, 100 rows, 100 epochs", "torch", train)
    report("1000 such mlps", "torch", lambda: train(1000))
    for row, m, n in SVD:
        a = torch.randn(m, n)
        report(row, "torch", lambda a=a: torch.linalg.svd(a, full_matrices=False), 9)


for peer in (with_numpy, with_scipy, with_torch):
    try:
        peer()
    except ImportError as missing:
        print(missing, file=sys.stderr)
