"""JAX on the CPU: each step one jitted function, with donated buffers; updates by Optax."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from functions import FUNCTIONS
from jax import Array

from jax_models import Parameters, input_of, model_of, parameters_of, relayout
from jax_rules import rule
from workload import Loaded, Peer, Unsupported, Workload, descent

jax.config.update("jax_platforms", "cpu")

TRAINED = ("mlp", "lenet", "resnet8", "lstm", "gpt")


def cross_entropy(logits: Array, labels: Array) -> Array:
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


class Training:
    """Forward, backward and an SGD step."""

    def __init__(self, workload: Workload) -> None:
        model = model_of(workload)
        optimizer = optax.sgd(workload.numbers["lr"])

        def step(parameters: Parameters, state: optax.OptState, x: Array, labels: Array) -> tuple:
            loss, gradients = jax.value_and_grad(lambda p: cross_entropy(model(p, x), labels))(parameters)
            updates, state = optimizer.update(gradients, state)
            return optax.apply_updates(parameters, updates), state, loss

        self.parameters = parameters_of(workload)
        self.state = optimizer.init(self.parameters)
        self.data = input_of(workload), jnp.array(workload.tensors["labels"])
        lowered = jax.jit(step, donate_argnums=(0, 1)).lower(self.parameters, self.state, *self.data)
        self.step = lowered.compile()
        self.loss = jnp.nan

    def run(self, count: int) -> None:
        for _ in range(count):
            self.parameters, self.state, self.loss = self.step(self.parameters, self.state, *self.data)
        jax.block_until_ready((self.parameters, self.loss))

    def check(self) -> float:
        return float(self.loss)


class HessianVectorProduct:
    """Forward mode over reverse mode."""

    def __init__(self, workload: Workload) -> None:
        model = model_of(workload)

        def product(parameters: Parameters, v: Parameters, x: Array, labels: Array) -> Parameters:
            gradient = jax.grad(lambda p: cross_entropy(model(p, x), labels))
            return jax.jvp(gradient, (parameters,), (v,))[1]

        self.v = {name: jnp.array(relayout(name, t)) for name, t in workload.direction.items()}
        self.inputs = parameters_of(workload), self.v, input_of(workload), jnp.array(workload.tensors["labels"])
        self.product = jax.jit(product).lower(*self.inputs).compile()
        self.latest: Parameters = {}

    def run(self, count: int) -> None:
        for _ in range(count):
            self.latest = self.product(*self.inputs)
        jax.block_until_ready(self.latest)

    def check(self) -> float:
        return sum(float(np.vdot(np.asarray(v, np.float64), self.latest[name])) for name, v in self.v.items())


class PerExample:
    """The gradient of one example, mapped over the batch."""

    def __init__(self, workload: Workload) -> None:
        model = model_of(workload)

        def loss(parameters: Parameters, x: Array, label: Array) -> Array:
            return cross_entropy(model(parameters, x), label)

        self.inputs = parameters_of(workload), input_of(workload), jnp.array(workload.tensors["labels"])
        gradients = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))
        self.gradients = jax.jit(gradients).lower(*self.inputs).compile()
        self.latest: Parameters = {}

    def run(self, count: int) -> None:
        for _ in range(count):
            self.latest = self.gradients(*self.inputs)
        jax.block_until_ready(self.latest)

    def check(self) -> float:
        squares = sum(float(np.square(g, dtype=np.float64).sum()) for g in self.latest.values())
        return squares / len(self.inputs[1])


class Update:
    """An optimizer alone; the gradients are given."""

    def __init__(self, workload: Workload) -> None:
        optimizer = rule(workload.method)

        def step(w: list[Array], state: optax.OptState, g: list[Array]) -> tuple[list[Array], optax.OptState]:
            updates, state = optimizer.update(g, state, w)
            return optax.apply_updates(w, updates), state

        self.workload = workload
        self.w = [jnp.array(w) for w in workload.numbered("w")]
        self.first = [jnp.array(w) for w in workload.numbered("w")]
        self.g = [jnp.array(g) for g in workload.numbered("g")]
        self.state = optimizer.init(self.w)
        self.step = jax.jit(step, donate_argnums=(0, 1)).lower(self.w, self.state, self.g).compile()

    def run(self, count: int) -> None:
        for _ in range(count):
            self.w, self.state = self.step(self.w, self.state, self.first or self.g)
            self.first = []
        jax.block_until_ready((self.w, self.state))

    def check(self) -> float:
        return descent(self.workload, [np.asarray(w) for w in self.w])


class TestFunction:
    """A step of gradient descent on a function of two variables."""

    def __init__(self, workload: Workload) -> None:
        function, lr = FUNCTIONS[int(workload.numbers["function"])], workload.numbers["lr"]

        def step(w: Array) -> tuple[Array, Array]:
            loss, gradient = jax.value_and_grad(function)(w)
            return w - lr * gradient, loss

        self.w = jnp.array(workload.tensors["w"])
        self.step = jax.jit(step, donate_argnums=0).lower(self.w).compile()
        self.loss = jnp.nan

    def run(self, count: int) -> None:
        for _ in range(count):
            self.w, self.loss = self.step(self.w)
        jax.block_until_ready((self.w, self.loss))

    def check(self) -> float:
        return float(self.loss)


def load(workload: Workload) -> Loaded:
    if workload.kind in TRAINED:
        return Training(workload)
    match workload.kind:
        case "hvp":
            return HessianVectorProduct(workload)
        case "per-example":
            return PerExample(workload)
        case "update":
            return Update(workload)
        case "function":
            return TestFunction(workload)
    raise Unsupported(f"no {workload.kind}")


peer = Peer(f"JAX {jax.__version__} (jit, Optax {optax.__version__})", load)
