"""The models of the workloads as PyTorch modules, and their parameters under PyTorch's names."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workload import Unsupported, Workload, layers


def mlp(workload: Workload) -> nn.Module:
    modules: OrderedDict[str, nn.Module] = OrderedDict()
    for i in layers(workload.parameters):
        outputs, inputs = workload.tensors[f"fc{i}.weight"].shape
        if i > 1:
            modules[f"relu{i - 1}"] = nn.ReLU()
        modules[f"fc{i}"] = nn.Linear(inputs, outputs)
    return nn.Sequential(modules)


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        h = F.max_pool2d(F.relu(self.conv1(x)), 2)
        h = F.max_pool2d(F.relu(self.conv2(h)), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(h)))))


def batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, track_running_stats=False)


class Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1 = batch_norm(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = batch_norm(outputs)
        self.project = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if stride > 1 else nn.Identity()
        self.normp = batch_norm(outputs) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(h)) + self.normp(self.project(x)))


class ResNet8(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        stem = OrderedDict(conv=nn.Conv2d(3, 16, 3, padding=1, bias=False), norm=batch_norm(16), relu=nn.ReLU())
        self.stem = nn.Sequential(stem)
        self.block1 = Residual(16, 16)
        self.block2 = Residual(16, 32)
        self.block3 = Residual(32, 64)
        self.fc = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.block3(self.block2(self.block1(self.stem(x)))).mean((2, 3)))


class Lstm(nn.Module):
    def __init__(self, vocabulary: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True)
        # PyTorch has two biases that are added. With both trained their sum would take steps of twice the learning rate.
        self.lstm.bias_hh_l0.requires_grad_(False)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.lstm(self.embedding(tokens))[0])


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def attention(self, h: Tensor) -> Tensor:
        parts = self.qkv(h).chunk(3, dim=-1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def forward(self, h: Tensor) -> Tensor:
        h = h + self.attention(self.norm1(h))
        return h + self.down(F.gelu(self.up(self.norm2(h))))


class Gpt(nn.Module):
    def __init__(self, vocabulary: int, width: int, context: int, depth: int, heads: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.empty(context, width))
        self.blocks = [f"block{i}" for i in range(depth)]
        for name in self.blocks:
            self.add_module(name, Block(width, heads))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens: Tensor) -> Tensor:
        h = self.tokens(tokens) + self.positions
        for name in self.blocks:
            h = self.get_submodule(name)(h)
        return self.head(self.norm(h))


def lstm(workload: Workload) -> nn.Module:
    vocabulary, width = workload.tensors["embedding.weight"].shape
    return Lstm(vocabulary, width, workload.tensors["lstm.weightHidden"].shape[1])


def gpt(workload: Workload) -> nn.Module:
    vocabulary, width = workload.tensors["tokens.weight"].shape
    depth = sum(name.endswith(".qkv.weight") for name in workload.tensors)
    return Gpt(vocabulary, width, len(workload.tensors["positions"]), depth, int(workload.numbers["heads"]))


MODELS = {
    "mlp": mlp,
    "hvp": mlp,
    "per-example": mlp,
    "lenet": lambda _: LeNet(),
    "resnet8": lambda _: ResNet8(),
    "lstm": lstm,
    "gpt": gpt,
}

RENAMED = {"scale": "weight", "shift": "bias"}
LSTM = {"weightInput": "weight_ih_l0", "weightHidden": "weight_hh_l0", "bias": "bias_ih_l0"}


def torch_name(name: str) -> str:
    """PyTorch's name of one of our parameters."""
    owner, _, last = name.rpartition(".")
    if not owner:
        return name
    return f"{owner}.{(LSTM if owner == 'lstm' else RENAMED).get(last, last)}"


def build(workload: Workload) -> nn.Module:
    """The model of a workload, with its parameters."""
    if workload.kind not in MODELS:
        raise Unsupported(f"no model for {workload.kind}")
    model = MODELS[workload.kind](workload)
    state = {torch_name(name): torch.from_numpy(t) for name, t in workload.parameters.items()}
    if workload.kind == "lstm":
        state["lstm.bias_hh_l0"] = torch.zeros_like(state["lstm.bias_ih_l0"])
    model.load_state_dict(state)
    return model
