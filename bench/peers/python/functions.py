"""The test functions of two variables, for any library whose arrays have operators."""

from typing import Any


def rosenbrock(w: Any) -> Any:
    x, y = w[0], w[1]
    return 100 * (y - x * x) ** 2 + (1 - x) ** 2


def beale(w: Any) -> Any:
    x, y = w[0], w[1]
    return sum((c - x * (1 - y**i)) ** 2 for i, c in enumerate((1.5, 2.25, 2.625), 1))


FUNCTIONS = (rosenbrock, beale)
"""What `numbers["function"]` of a workload indexes."""
