"""A Python peer of the benchmark: `serve.py torch|torch-fused|jax|numpy` answers the requests of `../../protocol.ts`.

It needs Linux or macOS (the `resource` module).
"""

import gc
import importlib
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from pathlib import Path

import threads  # noqa: F401  first: see there
from workload import Loaded, Peer, Unsupported, read_workload

PEERS = {
    "torch": ("torch_peer", "eager_peer"),
    "torch-fused": ("torch_peer", "fused_peer"),
    "jax": ("jax_peer", "peer"),
    "numpy": ("numpy_peer", "peer"),
}


def memory() -> dict[str, int]:
    """Bytes of this process resident now and at most so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    statm = Path("/proc/self/statm")
    if statm.exists():
        resident = int(statm.read_text().split()[1]) * resource.getpagesize()
    else:
        resident = int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(os.getpid())])) * 1024
    return {"resident": resident, "peak": peak if sys.platform == "darwin" else peak * 1024}


class Server:
    """One peer and the workload it has loaded, if any."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.loaded: Loaded | None = None

    def load(self, path: str) -> dict[str, float]:
        self.loaded = None
        gc.collect()
        workload = read_workload(Path(path))
        began = time.perf_counter()
        loaded = self.peer.load(workload)
        compiled = time.perf_counter()
        loaded.run(1)
        ended = time.perf_counter()
        self.loaded = loaded
        return {"compile": 1e3 * (compiled - began), "first": 1e3 * (ended - compiled)}

    def run(self, loaded: Loaded, steps: int) -> dict[str, float]:
        began = time.perf_counter()
        loaded.run(steps)
        return {"ms": 1e3 * (time.perf_counter() - began)}

    def answer(self, request: dict) -> dict[str, float | str]:
        if request["do"] == "name":
            return {"name": self.peer.name}
        if request["do"] == "load":
            return self.load(request["workload"])
        if request["do"] == "memory":
            return memory()
        if self.loaded is None:
            raise RuntimeError(f"{request['do']}: no workload is loaded")
        if request["do"] == "run":
            return self.run(self.loaded, request["steps"])
        if request["do"] == "check":
            return {"value": self.loaded.check()}
        raise RuntimeError(f"unknown request {request['do']}")


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in PEERS:
        sys.exit(f"usage: serve.py {'|'.join(PEERS)}")
    # Standard output belongs to the protocol: what a library prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, peer = PEERS[sys.argv[1]]
    server = Server(getattr(importlib.import_module(module), peer))
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "end":
            return
        try:
            answer = server.answer(request)
        except Unsupported as why:
            answer = {"unsupported": str(why)}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
