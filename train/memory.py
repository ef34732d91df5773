"""The memory that training takes, item by item, reckoned from the model's shape; nothing is loaded."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from train.config import Config
from train.shapes import HEADS, LINEAR_LAYERS, Shape

GIB = 1 << 30

QUANT_BLOCK = 64
"""Weights that share a scale in bitsandbytes' 4-bit formats."""

SCALE_BLOCK = 256
"""Scales that share a scale under double quantisation, and values that do in its 8-bit optimisers."""

SMALL_TENSOR = 4096
"""bitsandbytes keeps the optimiser's state of smaller tensors in 32 bits."""

CHUNK_BYTES = 64 << 20
"""The logits of one piece of the chunked cross-entropy, in float32."""

CUDA_CONTEXT = 600 << 20
"""What CUDA, cuBLAS and the allocator's rounding take on a GPU besides tensors; 0.5 to 0.7 GiB on recent drivers."""

_EIGHT_BIT = ("8bit", "bnb_8bit")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes by purpose; `total` is the highest that is in use at once.

    `layers` are the inputs kept of every layer, `recomputed` what one layer needs on the way back (or all layers, without
    gradient checkpointing), `logits` what the loss needs. The last two are not needed at the same time.
    """

    weights: int
    adapter: int
    gradients: int
    optimizer: int
    layers: int
    recomputed: int
    logits: int
    context: int

    @property
    def total(self) -> int:
        """The peak."""
        steady = self.weights + self.adapter + self.gradients + self.optimizer + self.layers + self.context
        return steady + max(self.recomputed, self.logits)

    def items(self) -> list[tuple[str, int]]:
        """Name and bytes of each item, in the order of the fields."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


@dataclass(frozen=True, slots=True)
class Trained:
    """What is trained: the sizes (in elements) of the adapter's matrices and of the layers that are trained whole."""

    adapter: tuple[int, ...]
    whole: tuple[int, ...]


def plan_memory(config: Config, shape: Shape, *, on_gpu: bool) -> Memory:
    """The memory of training with these settings on one GPU (in bfloat16) or on a CPU (in float32)."""
    compute = 2 if on_gpu and (config.bf16 or config.fp16) else 4
    trained = trained_sizes(config, shape)
    sizes = (*trained.adapter, *trained.whole)
    tokens = config.micro_batch_size * config.sequence_len
    layer = layer_bytes(config, shape, compute)
    checkpointed = config.gradient_checkpointing
    return Memory(
        weights=weight_bytes(config, shape, compute),
        adapter=4 * sum(sizes),
        gradients=4 * sum(sizes),
        optimizer=sum(optimizer_bytes(size, config.optimizer, on_gpu=on_gpu) for size in sizes),
        layers=tokens * shape.hidden * compute * (shape.layers + 2) if checkpointed else layer * shape.layers,
        recomputed=(layer if checkpointed else 0) + backward_bytes(config, shape, compute),
        logits=logit_bytes(config, shape, compute),
        context=CUDA_CONTEXT if on_gpu else 0,
    )


def target_modules(config: Config) -> list[str]:
    """The modules that get a low-rank adapter, by name; all linear layers where none is named."""
    targets = config.lora_target_modules
    if isinstance(targets, list) and not config.lora_target_linear:
        return [target.rsplit(".", 1)[-1] for target in targets]
    return list(LINEAR_LAYERS)


def trained_sizes(config: Config, shape: Shape) -> Trained:
    """The sizes of all trained matrices."""
    rank = config.lora_r
    adapter: list[int] = []
    for target in target_modules(config):
        if target in shape.linear_layers:
            inputs, outputs = shape.linear_layers[target]
            adapter += [rank * inputs, rank * outputs] * shape.layers
        elif target in HEADS:
            adapter += [rank * shape.hidden, rank * shape.vocabulary]
    whole = [shape.embedding_parameters for module in config.lora_modules_to_save if module in HEADS]
    return Trained(tuple(adapter), tuple(whole))


def quantized_bytes(elements: int, *, double: bool) -> int:
    """A matrix in 4 bits as bitsandbytes keeps it: two weights a byte, the scales, and the tables to read them by."""
    blocks = -(-elements // QUANT_BLOCK)
    size = -(-elements // 2) + 16 * 4
    if not double:
        return size + 4 * blocks
    return size + blocks + 4 * -(-blocks // SCALE_BLOCK) + 256 * 4 + 4


def weight_bytes(config: Config, shape: Shape, compute: int) -> int:
    """The base model's weights; embedding, head and norms are never quantised."""
    double = config.bnb_config_kwargs.bnb_4bit_use_double_quant
    if config.load_in_4bit:
        layer = sum(quantized_bytes(i * o, double=double) for i, o in shape.linear_layers.values())
        linear = layer * shape.layers
    else:
        linear = shape.linear_parameters * (1 if config.load_in_8bit else compute)
    heads = shape.embedding_parameters * (1 if shape.tied else 2)
    return linear + (heads + shape.norm_parameters + shape.biases) * compute


def optimizer_bytes(size: int, optimizer: str, *, on_gpu: bool) -> int:
    """What the optimiser keeps of a tensor of `size` elements."""
    if optimizer == "auto":
        optimizer = "paged_adamw_8bit" if on_gpu else "adamw_torch"
    states = 1 if any(name in optimizer for name in ("lion", "sgd", "rmsprop", "adagrad")) else 2
    if any(name in optimizer for name in _EIGHT_BIT) and size >= SMALL_TENSOR:
        return states * (size + 4 * -(-size // SCALE_BLOCK))
    if optimizer.startswith("adafactor"):
        return 8 * math.isqrt(size)
    return states * 4 * size + (4 if optimizer.startswith("adamw_torch") else 0)


def layer_bytes(config: Config, shape: Shape, compute: int) -> int:
    """What one decoder layer keeps for the way back.

    Counted along transformers' Llama with peft's adapters: both norms keep their input in float32; the adapters keep the
    inputs of the linear layers and their own r values a token; attention keeps queries, keys, values and its output; the
    feed-forward part keeps four values for each of its inner ones.
    """
    tokens = config.micro_batch_size * config.sequence_len
    query, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    norms = 2 * shape.hidden * 4
    inputs = 2 * shape.hidden * compute
    attention = (3 * query + 2 * keys) * compute
    feed_forward = 4 * shape.intermediate * compute
    targets = [target for target in target_modules(config) if target in shape.linear_layers]
    ranks = len(targets) * config.lora_r * 4
    dropped = sum(shape.linear_layers[target][0] for target in targets) * (compute + 1) if config.lora_dropout else 0
    scores = 0
    if config.eager_attention or config.attn_implementation == "eager":
        scores = 3 * shape.heads * config.sequence_len * compute
    return tokens * (norms + inputs + attention + feed_forward + ranks + dropped + scores)


def backward_bytes(config: Config, shape: Shape, compute: int) -> int:
    """What comes and goes on the way back through a layer: gradients of its inner values, a weight taken out of 4 bits."""
    tokens = config.micro_batch_size * config.sequence_len
    largest = max(inputs * outputs for inputs, outputs in shape.linear_layers.values())
    unpacked = largest * compute if config.load_in_4bit or config.load_in_8bit else 0
    return tokens * 3 * shape.intermediate * compute + unpacked


def logit_bytes(config: Config, shape: Shape, compute: int) -> int:
    """What the loss needs: logits, their float32 copy and their gradient, of one piece or of all rows."""
    tokens = config.micro_batch_size * config.sequence_len
    if not config.chunked_cross_entropy:
        return tokens * shape.vocabulary * (compute + 4 + 4)
    row = shape.vocabulary * 4
    pieces = config.chunked_cross_entropy_num_chunks
    piece = -(-tokens // pieces) if pieces else min(tokens, max(1, CHUNK_BYTES // row))
    return piece * row * 3 + 2 * tokens * shape.hidden * compute
