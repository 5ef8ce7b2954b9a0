"""The rules of `update` in PyTorch: its own optimizers where theirs is the rule, else written as its users write them.

`torch.optim.Adafactor` scales by the root mean square of the parameters, and `torch.optim.Muon` iterates in bfloat16: both written here.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import Parameter


class Optimizer(Protocol):
    def step(self) -> object:
        """Update the parameters from their gradients, in place."""


def factors(g: Tensor) -> tuple[Tensor, Tensor]:
    """The means of `g * g + 1e-30` over the columns and over the rows, without that matrix in memory."""
    rows, columns = g.shape
    row = torch.linalg.vector_norm(g, dim=1, keepdim=True).square_().div_(columns).add_(1e-30)
    column = torch.linalg.vector_norm(g, dim=0, keepdim=True).square_().div_(rows).add_(1e-30)
    return row, column


def orthogonalize(u: Tensor) -> Tensor:
    """Five Newton-Schulz steps on a matrix, or on each of a stack of matrices, scaled by their shape."""
    rows, columns = u.shape[-2:]
    x = u.mT if rows > columns else u
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    multiply_add = torch.addmm if u.ndim == 2 else torch.baddbmm
    for _ in range(5):
        a = x @ x.mT
        b = multiply_add(a, a, a, beta=-4.7750, alpha=2.0315)
        x = multiply_add(x, b, x, beta=3.4445)
    return (x.mT if rows > columns else x) * math.sqrt(max(1, rows / columns))


def inverse_fourth_root(a: Tensor) -> Tensor:
    """`a^(-1/4)` of a symmetric positive matrix, or of each of a stack of them."""
    values, vectors = torch.linalg.eigh(a)
    return (vectors * values.pow(-0.25).unsqueeze(-2)) @ vectors.mT


class Lion:
    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = parameters
        self.m = [torch.zeros_like(w) for w in parameters]

    @torch.no_grad()
    def step(self) -> None:
        for w, m in zip(self.parameters, self.m, strict=True):
            direction = m.lerp(w.grad, 0.1).sign_()
            w.mul_(1 - 1e-4 * 0.01).add_(direction, alpha=-1e-4)
            m.lerp_(w.grad, 0.01)


class LionForeach(Lion):
    @torch.no_grad()
    def step(self) -> None:
        gradients = [w.grad for w in self.parameters]
        direction = torch._foreach_lerp(self.m, gradients, 0.1)
        torch._foreach_sign_(direction)
        torch._foreach_mul_(self.parameters, 1 - 1e-4 * 0.01)
        torch._foreach_add_(self.parameters, direction, alpha=-1e-4)
        torch._foreach_lerp_(self.m, gradients, 0.01)


class Adafactor:
    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = parameters
        self.rows = [w.new_zeros(len(w), 1) for w in parameters]
        self.columns = [w.new_zeros(1, w.shape[1]) for w in parameters]
        self.t = 0

    @torch.no_grad()
    def step(self) -> None:
        self.t += 1
        rate = self.t**-0.8
        for w, row, column in zip(self.parameters, self.rows, self.columns, strict=True):
            row_mean, column_mean = factors(w.grad)
            row.lerp_(row_mean, rate)
            column.lerp_(column_mean, rate)
            update = (w.grad * (row / row.mean()).rsqrt_()).mul_(column.rsqrt())
            clip = (update.norm() / math.sqrt(w.numel())).clamp_(min=1)
            w.addcdiv_(update, clip, value=-1e-3)


class AdafactorForeach(Adafactor):
    @torch.no_grad()
    def step(self) -> None:
        self.t += 1
        rate = self.t**-0.8
        gradients = [w.grad for w in self.parameters]
        row_means, column_means = zip(*map(factors, gradients), strict=True)
        torch._foreach_lerp_(self.rows, row_means, rate)
        torch._foreach_lerp_(self.columns, column_means, rate)
        scales = torch._foreach_div(self.rows, [row.mean() for row in self.rows])
        torch._foreach_rsqrt_(scales)
        updates = torch._foreach_mul(gradients, scales)
        torch._foreach_mul_(updates, torch._foreach_rsqrt(self.columns))
        norms = torch._foreach_norm(updates)
        torch._foreach_div_(norms, [math.sqrt(w.numel()) for w in self.parameters])
        torch._foreach_clamp_min_(norms, 1)
        torch._foreach_div_(updates, norms)
        torch._foreach_add_(self.parameters, updates, alpha=-1e-3)


class Muon:
    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = parameters
        self.m = [torch.zeros_like(w) for w in parameters]

    @torch.no_grad()
    def step(self) -> None:
        for w, m in zip(self.parameters, self.m, strict=True):
            m.mul_(0.95).add_(w.grad)
            w.sub_(orthogonalize(w.grad.add(m, alpha=0.95)), alpha=0.02)


class MuonForeach(Muon):
    """The matrices, all of one shape, are orthogonalized as one stack."""

    @torch.no_grad()
    def step(self) -> None:
        gradients = [w.grad for w in self.parameters]
        torch._foreach_mul_(self.m, 0.95)
        torch._foreach_add_(self.m, gradients)
        directions = orthogonalize(torch.stack(torch._foreach_add(gradients, self.m, alpha=0.95)))
        torch._foreach_add_(self.parameters, directions.unbind(), alpha=-0.02)


class Shampoo:
    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = parameters
        self.left = [1e-4 * torch.eye(len(w)) for w in parameters]
        self.right = [1e-4 * torch.eye(w.shape[1]) for w in parameters]

    @torch.no_grad()
    def step(self) -> None:
        for w, left, right in zip(self.parameters, self.left, self.right, strict=True):
            left.addmm_(w.grad, w.grad.mT)
            right.addmm_(w.grad.mT, w.grad)
            w.sub_(inverse_fourth_root(left) @ w.grad @ inverse_fourth_root(right), alpha=0.01)


class ShampooForeach:
    """The matrices, all of one shape, are preconditioned as one stack."""

    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = parameters
        count, (rows, columns) = len(parameters), parameters[0].shape
        self.left = 1e-4 * torch.eye(rows).repeat(count, 1, 1)
        self.right = 1e-4 * torch.eye(columns).repeat(count, 1, 1)

    @torch.no_grad()
    def step(self) -> None:
        g = torch.stack([w.grad for w in self.parameters])
        self.left.baddbmm_(g, g.mT)
        self.right.baddbmm_(g.mT, g)
        directions = inverse_fourth_root(self.left) @ g @ inverse_fourth_root(self.right)
        torch._foreach_add_(self.parameters, directions.unbind(), alpha=-0.01)


Rules = dict[str, Callable[[list[Parameter]], Optimizer]]

SGD = partial(torch.optim.SGD, lr=0.01, momentum=0.9)
ADAMW = partial(torch.optim.AdamW, lr=1e-3, weight_decay=0.01)

RULES: Rules = {
    "sgd-momentum": SGD,
    "adamw": ADAMW,
    "lion": Lion,
    "adafactor": Adafactor,
    "muon": Muon,
    "shampoo": Shampoo,
}

FOREACH_RULES: Rules = {
    "sgd-momentum": partial(SGD, fused=True),
    "adamw": partial(ADAMW, fused=True),
    "lion": LionForeach,
    "adafactor": AdafactorForeach,
    "muon": MuonForeach,
    "shampoo": ShampooForeach,
}
