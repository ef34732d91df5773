"""A plan as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from train.models.dimensions import SHAPES, Shape
from train.models.gguf_families import gguf_limits
from train.planning.memory import GIB, plan_memory, trained_sizes
from train.planning.plan import Plan, doubts, planned_type
from train.planning.suggestions import remedies

COMPARED = ("Llama 2 7B", "Llama 2 13B", "Llama 30B")
"""The models of the table."""


def render(plan: Plan) -> str:
    """The plan as text for a terminal."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    config = plan.config
    if plan.notices:
        yield "Done otherwise than the configuration says"
        yield from (f"  {notice}" for notice in plan.notices)
        yield ""
    yield "Model"
    yield from _model_lines(plan)
    yield ""
    yield "Data"
    yield from _data_lines(plan)
    yield ""
    yield "Run"
    batch = config.micro_batch_size * config.gradient_accumulation_steps * plan.processes
    gpus = f" × {plan.processes} GPUs" if plan.processes > 1 else ""
    yield (
        f"  {_count(plan.steps)} steps of {_count(batch)} rows "
        f"({config.micro_batch_size} at once × {config.gradient_accumulation_steps}{gpus}), "
        f"{_count(batch * config.sequence_len)} tokens at most; {_count(plan.steps_per_epoch)} steps an epoch"
    )
    limit = (
        f"max_steps: {config.max_steps}"
        if config.max_steps
        else f"{config.num_epochs:g} epoch{'s' if config.num_epochs > 1 else ''}"
    )
    yield f"  {limit}, {config.optimizer}, learning rate {config.learning_rate:g}, {config.lr_scheduler}"
    if plan.processes_said:
        yield f"  {plan.processes_said}"
    yield from (f"  {doubt}" for doubt in doubts(config, plan.steps, evaluates=plan.data.validation is not None))
    if plan.hours is None:
        yield f"  hours: unknown; give --tokens_per_second{f' ({plan.speed_source})' if plan.speed_source else ''}"
    else:
        yield f"  {_duration(plan.hours)} at {plan.speed:g} tokens/s, {plan.speed_source}"
    yield ""
    yield from _memory_lines(plan)
    limits = gguf_limits(config, plan.shape.model_type if plan.shape else None)
    if limits:
        yield ""
        yield "As GGUF (train.export)"
        yield from (f"  {limit}" for limit in limits)


def _model_lines(plan: Plan) -> Iterator[str]:
    config, shape = plan.config, plan.shape
    bits = "4 bits" if config.load_in_4bit else "8 bits" if config.load_in_8bit else "full width"
    kind = f" ({config.bnb_config_kwargs.bnb_4bit_quant_type})" if config.load_in_4bit else ""
    number = planned_type(config, on_gpu=plan.on_gpu)
    if shape is None:
        yield f"  {config.base_model}: its shape is neither on this machine nor built in, so memory is not planned"
        return
    name = config.base_model if shape.name == config.base_model else f"{config.base_model} (shape of {shape.name})"
    yield f"  {name}: {_large(shape.parameters)} weights in {bits}{kind}, computed in {number}"
    trained = trained_sizes(config, shape)
    parts = [f"rank {config.lora_r}: {_large(sum(trained.adapter))} weights"]
    if trained.whole:
        parts.append(f"{', '.join(config.lora_modules_to_save)} whole: {_large(sum(trained.whole))}")
    yield f"  adapter of {'; '.join(parts)}"


def _data_lines(plan: Plan) -> Iterator[str]:
    data, rows = plan.data, plan.data.train
    yield f"  {', '.join(entry.path for entry in plan.config.datasets)}"
    whose = (
        f"counted with a substitute, {plan.encoder.name}" if plan.encoder.substitute else "the model's own tokenizer"
    )
    yield f"  {_count(len(data.documents))} documents, {_count(rows.tokens)} tokens ({whose})"
    yield (
        f"  {_count(len(rows))} rows of {_count(rows.length)}, {100 * rows.fill:.1f} % full, "
        f"{_count(rows.padding)} tokens of padding, {_count(rows.split)} documents in more than one piece"
    )
    if data.validation is not None:
        yield (
            f"  held out: {_count(len(data.held_out))} documents, {_count(data.validation.tokens)} tokens, "
            f"{_count(len(data.validation))} rows"
        )
    else:
        yield "  held out: nothing"


_ITEMS = {
    "weights": "weights",
    "adapter": "adapter",
    "gradients": "gradients",
    "optimizer": "optimiser",
    "layers": "activations kept",
    "recomputed": "activations of the layer at work",
    "logits": "logits",
    "context": "CUDA itself",
}


def _memory_lines(plan: Plan) -> Iterator[str]:
    memory = plan.memory
    if memory is None:
        return
    device = "GPU" if plan.on_gpu else "machine"
    each = f"each of {plan.processes} GPUs" if plan.on_gpu and plan.processes > 1 else f"a {device}"
    yield f"Memory, on {each} with {plan.available / GIB:.1f} GiB"
    for name, size in memory.items():
        if size:
            label = "Python itself" if name == "context" and not plan.on_gpu else _ITEMS[name]
            yield f"  {label:<34}{_size(size)}"
    yield f"  {'peak':<34}{_size(memory.total)}  {_verdict(plan)}"
    if plan.remedies:
        yield "  what would make it fit, each on top of those before:"
        yield from (f"    {remedy.change:<50}{_size(remedy.total)}" for remedy in plan.remedies)
        if plan.remedies[-1].total > plan.available:
            yield "    and still too much: a smaller model, or more memory"
    yield ""
    yield "The same settings on other models"
    yield from _table(plan, (SHAPES[name] for name in COMPARED))


def _verdict(plan: Plan) -> str:
    assert plan.memory is not None
    spare = (plan.available - plan.memory.total) / GIB
    return f"fits, {spare:.2f} to spare" if plan.fits else f"does not fit, {-spare:.2f} too much"


def _table(plan: Plan, shapes: Iterable[Shape]) -> Iterator[str]:
    for shape in shapes:
        length = min(plan.config.sequence_len, shape.context)
        config = plan.config.model_copy(update={"sequence_len": length})
        total = plan_memory(config, shape, on_gpu=plan.on_gpu, processes=plan.processes).total
        verdict = "fits"
        if total > plan.available:
            changes = list(remedies(config, shape, plan.available, on_gpu=plan.on_gpu, processes=plan.processes))
            done = bool(changes) and changes[-1].total <= plan.available
            verdict = f"fits with {'; '.join(c.change for c in changes)}" if done else "does not fit"
        shorter = f" (rows of {_count(length)})" if length < plan.config.sequence_len else ""
        yield f"  {shape.name:<14}{_size(total)}  {verdict}{shorter}"


def _size(size: int) -> str:
    return f"{size / GIB:>8.2f} GiB" if size >= GIB / 10 else f"{size / (1 << 20):>8.2f} MiB"


def _count(number: int) -> str:
    return f"{number:,}"


def _large(number: int) -> str:
    return f"{number / 1e9:.2f} billion" if number >= 1e9 else f"{number / 1e6:.1f} million"


def _duration(hours: float) -> str:
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} seconds"
    return f"{hours * 60:.0f} minutes" if hours < 2 else f"{hours:.1f} hours"
