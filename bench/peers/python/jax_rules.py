"""The rules of `update` as Optax transformations of a list of matrices: its own where theirs is the rule.

`optax.contrib.muon` corrects the bias of its Nesterov momentum, and Optax has no Shampoo: both written here. The matrices, all of one
shape, are stacked and mapped over: XLA would compile hundreds of copies of the same for minutes.
"""

import math
from typing import NamedTuple

import jax.numpy as jnp
import optax
from jax import Array, lax


def orthogonalize(u: Array) -> Array:
    """Five Newton-Schulz steps on a matrix, scaled by its shape."""
    rows, columns = u.shape
    x = u.T if rows > columns else u
    x = x / (jnp.linalg.norm(x) + 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.T if rows > columns else x) * math.sqrt(max(1, rows / columns))


def muon() -> optax.GradientTransformation:
    return optax.chain(
        optax.trace(decay=0.95, nesterov=True),
        optax.stateless(lambda updates, _: list(lax.map(orthogonalize, jnp.stack(updates)))),
        optax.scale(-0.02),
    )


class Statistics(NamedTuple):
    left: Array
    right: Array


def inverse_fourth_root(a: Array) -> Array:
    """`a^(-1/4)` of a symmetric positive matrix."""
    values, vectors = jnp.linalg.eigh(a)
    return (vectors * values**-0.25) @ vectors.T


def shampoo() -> optax.GradientTransformation:
    def init(parameters: list[Array]) -> Statistics:
        rows, columns = parameters[0].shape
        left, right = (jnp.tile(1e-4 * jnp.eye(n), (len(parameters), 1, 1)) for n in (rows, columns))
        return Statistics(left, right)

    def precondition(each: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        left, right, g = each
        left, right = left + g @ g.T, right + g.T @ g
        return left, right, -0.01 * inverse_fourth_root(left) @ g @ inverse_fourth_root(right)

    def update(
        gradients: list[Array], state: Statistics, _: optax.Params | None = None
    ) -> tuple[list[Array], Statistics]:
        left, right, updates = lax.map(precondition, (*state, jnp.stack(gradients)))
        return list(updates), Statistics(left, right)

    return optax.GradientTransformation(init, update)


def rule(method: str) -> optax.GradientTransformation:
    match method:
        case "sgd-momentum":
            return optax.sgd(0.01, momentum=0.9)
        case "adamw":
            return optax.adamw(1e-3, weight_decay=0.01)
        case "lion":
            return optax.lion(1e-4, weight_decay=0.01)
        case "adafactor":
            return optax.adafactor(1e-3, min_dim_size_to_factor=1, multiply_by_parameter_scale=False)
        case "muon":
            return muon()
        case "shampoo":
            return shampoo()
    raise ValueError(f"unknown method {method}")
