"""NumPy: gradients by hand, update rules in place."""

import math
from collections.abc import Callable

import numpy as np

from workload import Loaded, Peer, Unsupported, Workload, descent, layers


class Mlp:
    """Forward, backward and an SGD step, by hand."""

    def __init__(self, workload: Workload) -> None:
        self.x, labels = workload.tensors["x"], workload.tensors["labels"]
        self.truth = (np.arange(len(labels)), labels)
        self.lr = np.float32(workload.numbers["lr"])
        self.weights = [workload.tensors[f"fc{i}.weight"] for i in layers(workload.parameters)]
        self.biases = [workload.tensors[f"fc{i}.bias"] for i in layers(workload.parameters)]
        self.loss = math.nan

    def step(self) -> None:
        inputs, h = [], self.x
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if inputs:
                np.maximum(h, 0, out=h)
            inputs.append(h)
            h = h @ weight.T
            h += bias

        h -= h.max(axis=1, keepdims=True)
        exponentials = np.exp(h)
        sums = exponentials.sum(axis=1, keepdims=True)
        self.loss = float(np.mean(np.log(sums[:, 0]) - h[self.truth]))
        delta = exponentials / sums
        delta[self.truth] -= 1
        delta /= len(delta)

        for i in reversed(range(len(inputs))):
            weight_gradient, bias_gradient = delta.T @ inputs[i], delta.sum(axis=0)
            if i > 0:
                delta = delta @ self.weights[i]
                delta *= inputs[i] > 0
            weight_gradient *= self.lr
            bias_gradient *= self.lr
            self.weights[i] -= weight_gradient
            self.biases[i] -= bias_gradient

    def run(self, count: int) -> None:
        for _ in range(count):
            self.step()

    def check(self) -> float:
        return self.loss


Step = Callable[[np.ndarray, int], None]
"""Changes one parameter in place; takes its gradient and the number of the step, from 1."""


def sgd_momentum(w: np.ndarray) -> Step:
    m, change = np.zeros_like(w), np.empty_like(w)

    def step(g: np.ndarray, _: int) -> None:
        np.multiply(m, 0.9, out=m)
        np.add(m, g, out=m)
        np.multiply(m, 0.01, out=change)
        np.subtract(w, change, out=w)

    return step


def adamw(w: np.ndarray) -> Step:
    m, v, change, scale = (np.zeros_like(w) for _ in range(4))

    def step(g: np.ndarray, t: int) -> None:
        np.multiply(m, 0.9, out=m)
        np.multiply(g, 0.1, out=change)
        np.add(m, change, out=m)
        np.multiply(v, 0.999, out=v)
        np.multiply(g, g, out=change)
        np.multiply(change, 0.001, out=change)
        np.add(v, change, out=v)
        np.divide(v, 1 - 0.999**t, out=scale)
        np.sqrt(scale, out=scale)
        np.add(scale, 1e-8, out=scale)
        np.divide(m, scale, out=change)
        np.multiply(change, 1e-3 / (1 - 0.9**t), out=change)
        np.multiply(w, 1 - 1e-3 * 0.01, out=w)
        np.subtract(w, change, out=w)

    return step


def lion(w: np.ndarray) -> Step:
    m, direction, part = (np.zeros_like(w) for _ in range(3))

    def step(g: np.ndarray, _: int) -> None:
        np.multiply(m, 0.9, out=direction)
        np.multiply(g, 0.1, out=part)
        np.add(direction, part, out=direction)
        np.sign(direction, out=direction)
        np.multiply(direction, 1e-4, out=direction)
        np.multiply(w, 1 - 1e-4 * 0.01, out=w)
        np.subtract(w, direction, out=w)
        np.multiply(m, 0.99, out=m)
        np.multiply(g, 0.01, out=part)
        np.add(m, part, out=m)

    return step


def adafactor(w: np.ndarray) -> Step:
    row, column = np.zeros((len(w), 1), w.dtype), np.zeros((1, w.shape[1]), w.dtype)
    update = np.empty_like(w)

    def step(g: np.ndarray, t: int) -> None:
        rate = t**-0.8
        np.multiply(g, g, out=update)
        row[:] += rate * (update.mean(axis=1, keepdims=True) + 1e-30 - row)
        column[:] += rate * (update.mean(axis=0, keepdims=True) + 1e-30 - column)
        np.multiply(g, 1 / np.sqrt(row / row.mean()), out=update)
        np.multiply(update, 1 / np.sqrt(column), out=update)
        rms = float(np.linalg.norm(update)) / math.sqrt(update.size)
        np.multiply(update, 1e-3 / max(1.0, rms), out=update)
        np.subtract(w, update, out=w)

    return step


def orthogonalize(u: np.ndarray) -> np.ndarray:
    """Five Newton-Schulz steps on a matrix, scaled by its shape."""
    rows, columns = u.shape
    x = u.T if rows > columns else u
    x = x / (np.linalg.norm(x) + np.float32(1e-7))
    for _ in range(5):
        a = x @ x.T
        b = a @ a
        b *= 2.0315
        b += -4.7750 * a
        bx = b @ x
        x *= 3.4445
        x += bx
    return (x.T if rows > columns else x) * math.sqrt(max(1, rows / columns))


def muon(w: np.ndarray) -> Step:
    m = np.zeros_like(w)

    def step(g: np.ndarray, _: int) -> None:
        np.multiply(m, 0.95, out=m)
        np.add(m, g, out=m)
        direction = orthogonalize(g + 0.95 * m)
        direction *= 0.02
        np.subtract(w, direction, out=w)

    return step


def inverse_fourth_root(a: np.ndarray) -> np.ndarray:
    """`a^(-1/4)` of a symmetric positive matrix."""
    values, vectors = np.linalg.eigh(a)
    return (vectors * values**-0.25) @ vectors.T


def shampoo(w: np.ndarray) -> Step:
    left, right = (1e-4 * np.eye(n, dtype=w.dtype) for n in w.shape)

    def step(g: np.ndarray, _: int) -> None:
        np.add(left, g @ g.T, out=left)
        np.add(right, g.T @ g, out=right)
        direction = inverse_fourth_root(left) @ g @ inverse_fourth_root(right)
        direction *= 0.01
        np.subtract(w, direction, out=w)

    return step


RULES: dict[str, Callable[[np.ndarray], Step]] = {
    "sgd-momentum": sgd_momentum,
    "adamw": adamw,
    "lion": lion,
    "adafactor": adafactor,
    "muon": muon,
    "shampoo": shampoo,
}


class Update:
    """A rule alone; the gradients are given."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.w = [w.copy() for w in workload.numbered("w")]
        self.steps = [RULES[workload.method](w) for w in self.w]
        self.t = 0

    def run(self, count: int) -> None:
        for _ in range(count):
            self.t += 1
            gradients = self.workload.numbered("w" if self.t == 1 else "g")
            for step, g in zip(self.steps, gradients, strict=True):
                step(g, self.t)

    def check(self) -> float:
        return descent(self.workload, self.w)


class Matmul:
    """A product of two matrices."""

    def __init__(self, workload: Workload) -> None:
        self.a, self.b = workload.tensors["a"], workload.tensors["b"]
        self.product = np.empty_like(self.a)

    def run(self, count: int) -> None:
        for _ in range(count):
            np.matmul(self.a, self.b, out=self.product)

    def check(self) -> float:
        return float(np.mean(np.square(self.product, dtype=np.float64)))


class Copy:
    """A copy from memory to memory, which NumPy makes with one thread."""

    def __init__(self, workload: Workload) -> None:
        self.x = workload.tensors["x"]
        self.copy = np.empty_like(self.x)

    def run(self, count: int) -> None:
        for _ in range(count):
            np.copyto(self.copy, self.x)

    def check(self) -> float:
        return float(np.mean(np.square(self.copy, dtype=np.float64)))


def load(workload: Workload) -> Loaded:
    if workload.kind == "mlp":
        return Mlp(workload)
    if workload.kind == "update":
        return Update(workload)
    if workload.kind == "matmul":
        return Matmul(workload)
    if workload.kind == "copy":
        if workload.numbers["threads"] > 1:
            raise Unsupported("copies with one thread")
        return Copy(workload)
    raise Unsupported("no automatic differentiation")


peer = Peer(f"NumPy {np.__version__}", load)
