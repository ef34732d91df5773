"""The memory that training takes, item by item, reckoned from the model's shape; nothing is loaded."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields

from train.config.load import Config
from train.models.dimensions import EMBEDDINGS, LINEAR_LAYERS, Shape

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

PYTHON_ITSELF = 480 << 20
"""What Python takes with torch, transformers, peft and bitsandbytes loaded (measured, torch 2.13 for CPUs)."""

_EIGHT_BIT = ("8bit", "bnb_8bit")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes by purpose; `total` is the highest that is in use at once.

    `layers` is what is kept from the way forward: every layer's input, or without gradient checkpointing every layer's
    inner values. `recomputed` is what one layer needs on the way back, `logits` what the loss needs; the two are not
    needed at the same time. `accumulating` says that gradients of an earlier micro batch are there already on the way
    forward; else they come as the layers' values go.
    """

    weights: int
    adapter: int
    gradients: int
    optimizer: int
    layers: int
    recomputed: int
    logits: int
    context: int
    accumulating: bool

    @property
    def total(self) -> int:
        """The peak."""
        steady = self.weights + self.adapter + self.optimizer + self.context
        forward = self.layers + max(self.recomputed, self.logits)
        if self.accumulating:
            return steady + self.gradients + forward
        return steady + max(forward, self.gradients + self.recomputed)

    def items(self) -> list[tuple[str, int]]:
        """Name and bytes of each item, in the order of the fields."""
        return [(field.name, getattr(self, field.name)) for field in fields(self) if field.name != "accumulating"]


@dataclass(frozen=True, slots=True)
class Trained:
    """What is trained: the sizes (in elements) of the adapter's matrices and of the layers that are trained whole."""

    adapter: tuple[int, ...]
    whole: tuple[int, ...]


def plan_memory(config: Config, shape: Shape, *, on_gpu: bool, processes: int = 1) -> Memory:
    """The memory of training with these settings on one GPU (in bfloat16) or on a CPU (in float32).

    It is that of one of `processes`: all of them hold everything, unless `fsdp` spreads weights, adapter, gradients and
    optimiser over them; then each gathers two layers and the heads when it computes with them.
    """
    compute = 2 if on_gpu and (config.bf16 or config.fp16) else 4
    trained = trained_sizes(config, shape)
    sizes = (*trained.adapter, *trained.whole)
    tokens = config.micro_batch_size * config.sequence_len
    layer = layer_bytes(config, shape, compute)
    kept = tokens * shape.hidden * compute * (shape.layers + 1)
    mask = 0 if _flash(config) else tokens * config.sequence_len
    spread = processes if config.fsdp else 1
    weights = weight_bytes(config, shape, compute)
    gathered = 0
    if spread > 1:
        heads = shape.embedding_parameters * (1 if shape.tied else 2) * compute
        gathered = heads + 2 * (weights - heads) // shape.layers
    back = tokens * shape.intermediate * compute + mask * compute + _unpacked_bytes(config, shape, compute)
    return Memory(
        weights=-(-weights // spread) + gathered,
        adapter=-(-4 * sum(sizes) // spread),
        gradients=-(-4 * sum(sizes) // spread),
        optimizer=-(-sum(optimizer_bytes(size, config.optimizer, on_gpu=on_gpu) for size in sizes) // spread),
        layers=kept + mask + (0 if config.gradient_checkpointing else layer * shape.layers),
        recomputed=back + (layer if config.gradient_checkpointing else 0),
        logits=logit_bytes(config, shape, compute),
        context=CUDA_CONTEXT if on_gpu else PYTHON_ITSELF,
        accumulating=config.gradient_accumulation_steps > 1,
    )


def target_modules(config: Config) -> list[str]:
    """The modules that get a low-rank adapter, by name; all linear layers where none is named.

    A pattern, which peft takes too, is tried on the names of the layers.
    """
    targets = config.lora_target_modules
    if config.lora_target_linear or not targets or targets in ("all-linear", ["all-linear"]):
        return list(LINEAR_LAYERS)
    if isinstance(targets, str):
        return [
            name for name in (*LINEAR_LAYERS, *EMBEDDINGS) if re.search(rf"(?:{targets})$", f"model.layers.0.{name}")
        ]
    return [target.rsplit(".", 1)[-1] for target in targets]


def trained_sizes(config: Config, shape: Shape) -> Trained:
    """The sizes of all trained matrices."""
    rank = config.lora_r
    adapter: list[int] = []
    for target in target_modules(config):
        if target in shape.linear_layers:
            inputs, outputs = shape.linear_layers[target]
            adapter += [rank * inputs, rank * outputs] * shape.layers
        elif target in EMBEDDINGS:
            adapter += [rank * shape.hidden, rank * shape.vocabulary]
    whole = [shape.embedding_parameters for module in config.lora_modules_to_save if module in EMBEDDINGS]
    return Trained(tuple(adapter), tuple(whole))


def quantized_bytes(elements: int, *, double: bool) -> int:
    """A matrix in 4 bits as bitsandbytes keeps it: two weights a byte, the scales, and the tables to read them by."""
    blocks = -(-elements // QUANT_BLOCK)
    size = -(-elements // 2) + 16 * 4
    if not double:
        return size + 4 * blocks
    return size + blocks + 4 * -(-blocks // SCALE_BLOCK) + 256 * 4 + 4


def weight_bytes(config: Config, shape: Shape, compute: int) -> int:
    """The base model's weights, and the frequencies of its positions; embedding, head and norms are never quantised."""
    double = config.bnb_config_kwargs.bnb_4bit_use_double_quant
    if config.load_in_4bit:
        layer = sum(quantized_bytes(i * o, double=double) for i, o in shape.linear_layers.values())
        linear = layer * shape.layers
    else:
        linear = shape.linear_parameters * (1 if config.load_in_8bit else compute)
    heads = shape.embedding_parameters * (1 if shape.tied else 2)
    frequencies = 2 * (shape.head_dim // 2) * 4
    return linear + (heads + shape.norm_parameters + shape.biases) * compute + frequencies


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
    """What one decoder layer keeps for the way back, its input left aside.

    Counted along transformers' Llama with peft's adapters, and compared with what PyTorch allocates (tests): the norms
    keep their inputs in float32; the adapters keep the inputs of their layers, or with dropout copies of them, and r
    values a token each; attention keeps queries, keys and values (repeated to as many), its output, and the mask of the
    packed documents in its own number format; the feed-forward part keeps three values for each of its inner ones.
    """
    tokens = config.micro_batch_size * config.sequence_len
    query, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    norms = 4 * shape.hidden * (1 if compute == 4 else 2)
    feed_forward = 3 * shape.intermediate * compute
    attention = compute * (2 * query + 2 * keys if _flash(config) else 4 * query + config.sequence_len)
    if config.eager_attention or config.attn_implementation == "eager":
        attention += shape.heads * config.sequence_len * (4 if compute == 4 else 6)
    targets = [target for target in target_modules(config) if target in shape.linear_layers]
    inputs = [shape.linear_layers[target][0] for target in targets]
    if config.lora_dropout:
        adapters = sum(inputs) * (compute + (4 if compute == 4 else 1))
    else:
        shared = {target[0] in "qkv" for target in targets if target[0] in "qkvgu"}
        adapters = (len(shared) * shape.hidden + ("down_proj" in targets) * shape.intermediate) * compute
    adapters += len(targets) * config.lora_r * compute
    return tokens * (norms + feed_forward + attention + adapters)


def logit_bytes(config: Config, shape: Shape, compute: int) -> int:
    """What the loss needs: logits, their float32 copy and their gradient, of one piece or of all rows, and last states.

    A head that is trained whole has its gradient twice while it is summed up, and in 16 bits a narrow copy of itself.
    """
    tokens = config.micro_batch_size * config.sequence_len
    states = 4 * tokens * shape.hidden * compute
    narrow = 0 if compute == 4 else compute
    head = (2 * 4 + narrow) * shape.embedding_parameters if "lm_head" in config.lora_modules_to_save else 0
    if not config.chunked_cross_entropy:
        return states + head + tokens * shape.vocabulary * (12 if compute == 4 else 2 * compute + 12)
    row = shape.vocabulary * 4
    pieces = config.chunked_cross_entropy_num_chunks
    piece = -(-tokens // pieces) if pieces else min(tokens, max(1, CHUNK_BYTES // row))
    return states + head + piece * shape.vocabulary * (4 if compute == 4 else 2 * compute + 4)


def _unpacked_bytes(config: Config, shape: Shape, compute: int) -> int:
    """The largest weight, taken out of its 4 or 8 bits for the way back through it."""
    if not (config.load_in_4bit or config.load_in_8bit):
        return 0
    return max(inputs * outputs for inputs, outputs in shape.linear_layers.values()) * compute


def _flash(config: Config) -> bool:
    """Whether attention is surely FlashAttention, which needs no mask; `auto` is planned for as without."""
    return config.flash_attention is True or (config.attn_implementation or "").startswith("flash")
