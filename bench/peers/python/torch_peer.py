"""PyTorch on the CPU: eager with its plain optimizers, and eager with fused or foreach optimizers."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad, jvp, vmap

from threads import THREADS
from functions import FUNCTIONS
from torch_models import build
from torch_rules import FOREACH_RULES, RULES
from workload import INPUTS, Loaded, Peer, Unsupported, Workload, descent

torch.set_num_threads(THREADS)

TRAINED = ("mlp", "lenet", "resnet8", "lstm", "gpt")


def inputs_of(workload: Workload) -> tuple[Tensor, Tensor]:
    """The input of the model and its labels."""
    x = next(workload.tensors[name] for name in INPUTS if name in workload.tensors)
    return torch.from_numpy(x), torch.from_numpy(workload.tensors["labels"]).long()


class Training:
    """Forward, backward and an SGD step."""

    def __init__(self, workload: Workload, fused: bool) -> None:
        self.model = build(workload)
        self.x, labels = inputs_of(workload)
        self.labels = labels.flatten()
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.SGD(parameters, lr=workload.numbers["lr"], fused=fused)
        self.loss = torch.tensor(torch.nan)

    def run(self, count: int) -> None:
        for _ in range(count):
            self.optimizer.zero_grad()
            loss = F.cross_entropy(self.model(self.x).flatten(0, -2), self.labels)
            loss.backward()
            self.optimizer.step()
            self.loss = loss.detach()

    def check(self) -> float:
        return self.loss.item()


def functional(workload: Workload) -> tuple[Callable[..., Tensor], dict[str, Tensor]]:
    """The loss as a function of parameters, input and labels, and the parameters."""
    model = build(workload)

    def loss(parameters: dict[str, Tensor], x: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(functional_call(model, parameters, (x,)), labels)

    return loss, {name: p.detach() for name, p in model.named_parameters()}


class HessianVectorProduct:
    """Forward mode over reverse mode."""

    def __init__(self, workload: Workload) -> None:
        loss, self.parameters = functional(workload)
        x, labels = inputs_of(workload)
        self.gradient = grad(lambda parameters: loss(parameters, x, labels))
        self.v = {name: torch.from_numpy(t) for name, t in workload.direction.items()}
        self.product: dict[str, Tensor] = {}

    def run(self, count: int) -> None:
        for _ in range(count):
            _, self.product = jvp(self.gradient, (self.parameters,), (self.v,))

    def check(self) -> float:
        return sum(torch.sum(v.double() * self.product[name]).item() for name, v in self.v.items())


class PerExample:
    """The gradient of one example, mapped over the batch."""

    def __init__(self, workload: Workload) -> None:
        loss, self.parameters = functional(workload)
        self.x, self.labels = inputs_of(workload)
        self.gradients = vmap(grad(loss), in_dims=(None, 0, 0))
        self.latest: dict[str, Tensor] = {}

    def run(self, count: int) -> None:
        for _ in range(count):
            self.latest = self.gradients(self.parameters, self.x, self.labels)

    def check(self) -> float:
        return sum(g.double().square().sum().item() for g in self.latest.values()) / len(self.x)


class Update:
    """An optimizer alone; the gradients are given."""

    def __init__(self, workload: Workload, fused: bool) -> None:
        self.workload = workload
        self.w = [nn.Parameter(torch.from_numpy(w).clone()) for w in workload.numbered("w")]
        self.begun = False
        self.optimizer = (FOREACH_RULES if fused else RULES)[workload.method](self.w)

    def set_gradients(self, letter: str) -> None:
        for w, g in zip(self.w, self.workload.numbered(letter), strict=True):
            w.grad = torch.from_numpy(g)

    def run(self, count: int) -> None:
        if not self.begun:
            self.set_gradients("w")
            self.optimizer.step()
            self.set_gradients("g")
            self.begun = True
            count -= 1
        for _ in range(count):
            self.optimizer.step()

    def check(self) -> float:
        return descent(self.workload, [w.numpy(force=True) for w in self.w])


class TestFunction:
    """A step of gradient descent on a function of two variables."""

    def __init__(self, workload: Workload) -> None:
        self.function = FUNCTIONS[int(workload.numbers["function"])]
        self.w = nn.Parameter(torch.from_numpy(workload.tensors["w"]).clone())
        self.optimizer = torch.optim.SGD([self.w], lr=workload.numbers["lr"])
        self.loss = torch.tensor(torch.nan)

    def run(self, count: int) -> None:
        for _ in range(count):
            self.optimizer.zero_grad()
            self.loss = self.function(self.w)
            self.loss.backward()
            self.optimizer.step()

    def check(self) -> float:
        return self.loss.item()


class Matmul:
    """A product of two matrices."""

    def __init__(self, workload: Workload) -> None:
        self.a, self.b = (torch.from_numpy(workload.tensors[name]) for name in "ab")
        self.product = torch.empty_like(self.a)

    def run(self, count: int) -> None:
        for _ in range(count):
            torch.mm(self.a, self.b, out=self.product)

    def check(self) -> float:
        return self.product.double().square().mean().item()


class Copy:
    """A copy from memory to memory."""

    def __init__(self, workload: Workload) -> None:
        self.threads = int(workload.numbers["threads"])
        self.x = torch.from_numpy(workload.tensors["x"])
        self.copy = torch.empty_like(self.x)

    def run(self, count: int) -> None:
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        for _ in range(count):
            self.copy.copy_(self.x)
        torch.set_num_threads(before)

    def check(self) -> float:
        return self.copy.double().square().mean().item()


def load(workload: Workload, fused: bool) -> Loaded:
    if workload.kind in TRAINED:
        return Training(workload, fused)
    if workload.kind == "update":
        return Update(workload, fused)
    if fused:
        raise Unsupported("no optimizer in it: the same as PyTorch eager")
    if workload.kind == "hvp":
        return HessianVectorProduct(workload)
    if workload.kind == "per-example":
        return PerExample(workload)
    if workload.kind == "function":
        return TestFunction(workload)
    if workload.kind == "matmul":
        return Matmul(workload)
    if workload.kind == "copy":
        return Copy(workload)
    raise Unsupported(f"no {workload.kind}")


version = torch.__version__.partition("+")[0]
eager_peer = Peer(f"PyTorch {version} (eager)", lambda workload: load(workload, fused=False))
fused_peer = Peer(f"PyTorch {version} (fused, foreach)", lambda workload: load(workload, fused=True))
