"""What every Python peer shares: a workload read into memory, and the shape of a peer. `../../workloads/spec.ts` says what is computed."""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

UPDATE_METHODS = ("sgd-momentum", "adamw", "lion", "adafactor", "muon", "shampoo")
"""What `numbers["method"]` of an `update` indexes."""

INPUTS = ("x", "tokens", "labels")

Tensors = dict[str, np.ndarray]


class Unsupported(Exception):
    """Raised by a peer that has no form of a workload; the message says why in a few words."""


class Loaded(Protocol):
    """A workload loaded by a peer."""

    def run(self, count: int) -> None:
        """Take `count` steps; what they compute is in memory on return."""

    def check(self) -> float:
        """The number by which peers are compared, after the steps so far."""


@dataclass(frozen=True)
class Workload:
    """A workload whose tensors are in memory, under their names in `spec.ts`."""

    id: str
    kind: str
    numbers: dict[str, float]
    tensors: Tensors

    @property
    def method(self) -> str:
        """The rule of an `update`."""
        return UPDATE_METHODS[int(self.numbers["method"])]

    @property
    def parameters(self) -> Tensors:
        """The parameters of a model, in the order of the file."""
        return {name: t for name, t in self.tensors.items() if name not in INPUTS and not name.startswith("v.")}

    @property
    def direction(self) -> Tensors:
        """The vector of a Hessian-vector product, under the names of the parameters."""
        return {name.removeprefix("v."): t for name, t in self.tensors.items() if name.startswith("v.")}

    def numbered(self, letter: str) -> list[np.ndarray]:
        """The tensors `w0, w1, ...` (or `g0, g1, ...`) of an `update`."""
        return [self.tensors[f"{letter}{i}"] for i in range(len(self.tensors) // 2)]


@dataclass(frozen=True)
class Peer:
    """What a peer's module offers."""

    name: str
    """For the table, with its version."""
    load: Callable[[Workload], Loaded]
    """Builds and compiles, takes no step; raises `Unsupported` for what the peer cannot do."""


def read_workload(path: Path) -> Workload:
    """Read a `StoredWorkload` of `../../protocol.ts` and its data file."""
    stored = json.loads(path.read_text())
    file = path.parent / stored["file"]

    def read(tensor: dict) -> np.ndarray:
        dtype = np.dtype(tensor["dtype"]).newbyteorder("<")
        count = math.prod(tensor["shape"])
        return np.fromfile(file, dtype, count, offset=tensor["offset"]).reshape(tensor["shape"])

    tensors = {name: read(tensor) for name, tensor in stored["tensors"].items()}
    return Workload(stored["id"], stored["kind"], stored["numbers"], tensors)


def layers(parameters: Iterable[str]) -> range:
    """The numbers of the layers `fc1, fc2, ...` of an `mlp`, from 1."""
    return range(1, 1 + sum(name.startswith("fc") and name.endswith(".weight") for name in parameters))


def descent(workload: Workload, now: Iterable[np.ndarray]) -> float:
    """The value of an `update`, from all of its parameters as they are now."""
    start, gradients = workload.numbered("w"), workload.numbered("g")
    each = zip(start, now, gradients, strict=True)
    total = sum(float(np.vdot(np.asarray(s, np.float64) - w, s + 10 * g)) for s, w, g in each)
    return total / sum(s.size for s in start)
