"""The peers of `peers.py` that compile their work: JAX and numba."""

from __future__ import annotations

from collections.abc import Callable

Work = Callable[[], object]


def jax_task(task: str, sizes: list[int]) -> Work | None:
    """One compiled program: a scan over the epochs of value_and_grad and a step; it returns the losses and the end."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    keys = jax.random.split(jax.random.key(0), 4)

    def descent(loss: Callable, epochs: int, lr: float) -> Callable:
        def epoch(parts: object, _: object) -> tuple[object, object]:
            value, slopes = jax.value_and_grad(loss)(parts)
            return jax.tree.map(lambda part, slope: part - lr * slope, parts, slopes), value

        return lambda start: jax.lax.scan(epoch, start, None, length=epochs)

    if task.startswith("gd"):
        m, n, rank, epochs = sizes
        a = jax.random.normal(keys[0], (m, n))
        start = jax.random.uniform(keys[1], (m, rank)), jax.random.uniform(keys[2], (n, rank))
        run = jax.jit(descent(lambda parts: jnp.sum((a - parts[0] @ parts[1].T) ** 2), epochs, 1e-6))
        return lambda: jax.block_until_ready(run(start))
    if "mlp" in task:
        x, y = jax.random.normal(keys[0], (100, 4)), jnp.arange(100) % 3

        def loss(parts: tuple) -> object:
            w1, b1, w2, b2 = parts
            logits = jnp.maximum(x @ w1 + b1, 0) @ w2 + b2
            return -jnp.mean(jax.nn.log_softmax(logits)[jnp.arange(100), y])

        networks = sizes[0] if task.endswith("mlps") else 1
        many = (networks,) if networks > 1 else ()
        w1, w2 = jax.random.normal(keys[1], (*many, 4, 12)), jax.random.normal(keys[2], (*many, 12, 3))
        start = w1, jnp.zeros((*many, 1, 1)), w2, jnp.zeros((*many, 1, 1))
        train = descent(loss, 100, 0.01)
        run = jax.jit(jax.vmap(train) if many else train)
        return lambda: jax.block_until_ready(run(start))
    return None


def numba_task(task: str, sizes: list[int]) -> Work | None:
    """The loops that one would write in C, compiled."""
    import numba
    import numpy as np

    if not task.startswith(("gd", "sgd")):
        return None
    m, n, rank, epochs = sizes
    rng = np.random.default_rng(0)
    a, u0, v0 = rng.standard_normal((m, n)), rng.random((m, rank)), rng.random((n, rank))

    @numba.njit(fastmath=True)
    def descend(a, u, v, epochs, lr):
        losses = np.empty(epochs)
        for epoch in range(epochs):
            du, dv, loss = np.zeros_like(u), np.zeros_like(v), 0.0
            for i in range(a.shape[0]):
                for j in range(a.shape[1]):
                    e = a[i, j]
                    for k in range(u.shape[1]):
                        e -= u[i, k] * v[j, k]
                    loss += e * e
                    for k in range(u.shape[1]):
                        du[i, k] += e * v[j, k]
                        dv[j, k] += e * u[i, k]
            u += 2.0 * lr * du
            v += 2.0 * lr * dv
            losses[epoch] = loss
        return losses

    @numba.njit(fastmath=True)
    def visit(a, u, v, epochs, lr):
        losses = np.zeros(epochs)
        for epoch in range(epochs):
            for i in range(a.shape[0]):
                for j in range(a.shape[1]):
                    e = a[i, j]
                    for k in range(u.shape[1]):
                        e -= u[i, k] * v[j, k]
                    for k in range(u.shape[1]):
                        u[i, k] += lr * e * v[j, k]
                        v[j, k] += lr * e * u[i, k]
            for i in range(a.shape[0]):
                for j in range(a.shape[1]):
                    e = a[i, j]
                    for k in range(u.shape[1]):
                        e -= u[i, k] * v[j, k]
                    losses[epoch] += e * e
        return losses

    if task.startswith("gd"):
        return lambda: descend(a, u0.copy(), v0.copy(), epochs, 1e-6)
    return lambda: visit(a, u0.copy(), v0.copy(), epochs, 0.01)
