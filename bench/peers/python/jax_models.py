"""The models of the workloads in JAX: pure functions of parameters and input, in the layouts that XLA prefers.

Kernels of layers are [in, out], those of convolutions [kh, kw, in, out], images [N, H, W, C].
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from workload import Unsupported, Workload, layers

Parameters = dict[str, Array]
Model = Callable[[Parameters, Array], Array]

EMBEDDINGS = ("embedding.weight", "tokens.weight", "positions")


def relayout(name: str, tensor: np.ndarray) -> np.ndarray:
    """One of our parameters in this module's layout."""
    if tensor.ndim == 4:
        return tensor.transpose(2, 3, 1, 0)
    if tensor.ndim == 2 and name not in EMBEDDINGS:
        return tensor.T
    return tensor


def parameters_of(workload: Workload) -> Parameters:
    parameters = {name: relayout(name, t) for name, t in workload.parameters.items()}
    if workload.kind == "lenet":
        # Its input is flattened in the order C, H, W there, and in the order H, W, C here.
        fc1 = parameters["fc1.weight"]
        parameters["fc1.weight"] = fc1.reshape(16, 5, 5, -1).transpose(1, 2, 0, 3).reshape(fc1.shape)
    return {name: jnp.array(t) for name, t in parameters.items()}


def input_of(workload: Workload) -> Array:
    tokens = workload.tensors.get("tokens")
    x = workload.tensors["x"] if tokens is None else tokens
    return jnp.array(x.transpose(0, 2, 3, 1) if x.ndim == 4 else x)


def dense(p: Parameters, name: str, h: Array) -> Array:
    return h @ p[f"{name}.weight"] + p[f"{name}.bias"]


def conv(p: Parameters, name: str, h: Array, padding: int, stride: int = 1) -> Array:
    return lax.conv_general_dilated(
        h,
        p[f"{name}.weight"],
        window_strides=(stride, stride),
        padding=[(padding, padding)] * 2,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def max_pool(h: Array) -> Array:
    return lax.reduce_window(h, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def normalize(p: Parameters, name: str, h: Array, axes: int | tuple[int, ...]) -> Array:
    mean = h.mean(axes, keepdims=True)
    variance = h.var(axes, keepdims=True)
    return (h - mean) * lax.rsqrt(variance + 1e-5) * p[f"{name}.scale"] + p[f"{name}.shift"]


def batch_norm(p: Parameters, name: str, h: Array) -> Array:
    return normalize(p, name, h, (0, 1, 2))


def layer_norm(p: Parameters, name: str, h: Array) -> Array:
    return normalize(p, name, h, -1)


def mlp(depth: int) -> Model:
    def model(p: Parameters, x: Array) -> Array:
        h = dense(p, "fc1", x)
        for i in range(2, depth + 1):
            h = dense(p, f"fc{i}", jax.nn.relu(h))
        return h

    return model


def lenet(p: Parameters, x: Array) -> Array:
    h = max_pool(jax.nn.relu(conv(p, "conv1", x, 2) + p["conv1.bias"]))
    h = max_pool(jax.nn.relu(conv(p, "conv2", h, 0) + p["conv2.bias"]))
    return mlp(3)(p, h.reshape(len(h), -1))


def residual(p: Parameters, name: str, x: Array, stride: int) -> Array:
    h = jax.nn.relu(batch_norm(p, f"{name}.norm1", conv(p, f"{name}.conv1", x, 1, stride)))
    h = batch_norm(p, f"{name}.norm2", conv(p, f"{name}.conv2", h, 1))
    shortcut = x if stride == 1 else batch_norm(p, f"{name}.normp", conv(p, f"{name}.project", x, 0, stride))
    return jax.nn.relu(h + shortcut)


def resnet8(p: Parameters, x: Array) -> Array:
    h = jax.nn.relu(batch_norm(p, "stem.norm", conv(p, "stem.conv", x, 1)))
    h = residual(p, "block1", h, 1)
    h = residual(p, "block2", h, 2)
    h = residual(p, "block3", h, 2)
    return dense(p, "fc", h.mean((1, 2)))


def lstm(p: Parameters, tokens: Array) -> Array:
    """The inputs' part of the gates for all times at once, then a scan over time."""
    inputs = p["embedding.weight"][tokens.T] @ p["lstm.weightInput"] + p["lstm.bias"]
    start = jnp.zeros((len(tokens), len(p["lstm.weightHidden"])))

    def cell(state: tuple[Array, Array], x: Array) -> tuple[tuple[Array, Array], Array]:
        h, c = state
        i, f, g, o = jnp.split(x + h @ p["lstm.weightHidden"], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    _, hidden = lax.scan(cell, (start, start), inputs)
    return dense(p, "head", hidden.swapaxes(0, 1))


def gpt(depth: int, heads: int) -> Model:
    def attention(p: Parameters, name: str, h: Array) -> Array:
        parts = jnp.split(dense(p, f"{name}.qkv", h), 3, axis=-1)
        q, k, v = (part.reshape(*part.shape[:-1], heads, -1) for part in parts)
        mixed = jax.nn.dot_product_attention(q, k, v, is_causal=True)
        return dense(p, f"{name}.out", mixed.reshape(h.shape))

    def model(p: Parameters, tokens: Array) -> Array:
        h = p["tokens.weight"][tokens] + p["positions"]
        for name in (f"block{i}" for i in range(depth)):
            h += attention(p, name, layer_norm(p, f"{name}.norm1", h))
            up = dense(p, f"{name}.up", layer_norm(p, f"{name}.norm2", h))
            h += dense(p, f"{name}.down", jax.nn.gelu(up, approximate=False))
        return dense(p, "head", layer_norm(p, "norm", h))

    return model


def model_of(workload: Workload) -> Model:
    """The model of a workload."""
    match workload.kind:
        case "mlp" | "hvp" | "per-example":
            return mlp(len(layers(workload.parameters)))
        case "lenet":
            return lenet
        case "resnet8":
            return resnet8
        case "lstm":
            return lstm
        case "gpt":
            depth = sum(name.endswith(".qkv.weight") for name in workload.tensors)
            return gpt(depth, int(workload.numbers["heads"]))
    raise Unsupported(f"no model for {workload.kind}")
