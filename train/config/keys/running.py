"""The keys that govern the optimiser, the length of the run, what is written when, and who is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from train.config.keys.base import NOT_LEARNED, Keys, LibraryOptions, nearest

OPTIMIZERS = (
    *("auto", "adamw_torch", "adamw_torch_fused", "adamw_8bit", "adamw_bnb_8bit", "paged_adamw_32bit"),
    *("paged_adamw_8bit", "adafactor", "lion_8bit", "lion_32bit", "paged_lion_8bit", "paged_lion_32bit", "ademamix"),
    *("ademamix_8bit", "paged_ademamix_32bit", "paged_ademamix_8bit", "sgd", "adagrad", "rmsprop", "rmsprop_bnb_8bit"),
)
"""The optimisers by transformers' names, of those that need no further package."""

SCHEDULERS = (
    *("linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup", "inverse_sqrt"),
    *("reduce_lr_on_plateau", "cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_stable_decay"),
)
"""The courses of the learning rate by transformers' names."""


CHECKPOINTING = ("use_reentrant", "preserve_rng_state", "determinism_check", "debug", "early_stop")
"""The arguments of torch.utils.checkpoint that are values."""

SHARDING = ("full_shard", "shard_grad_op", "no_shard", "hybrid_shard", "hybrid_shard_zero2", "offload", "auto_wrap")
"""What `fsdp` may say, one or several of it."""


MOST_PROMPTS = 100
"""Each costs a second or more, every time."""


class OptimizerKeys(Keys):
    """How the adapter learns."""

    micro_batch_size: int = Field(default=1, ge=1, description="Rows that go through the model at once, on each GPU.")
    gradient_accumulation_steps: int = Field(
        default=1, ge=1, description="Micro batches for one step of the optimiser."
    )
    num_epochs: float = Field(default=1.0, gt=0, description="How often the data is gone through.")
    max_steps: int | None = Field(default=None, ge=1, description="Stops after so many steps of the optimiser.")
    optimizer: str = Field(
        default="auto",
        description="The optimiser by transformers' name; `auto`: `paged_adamw_8bit` on a GPU, `adamw_torch` on a CPU.",
    )
    optim_args: str | LibraryOptions | None = Field(default=None, description="More arguments for the optimiser.")
    learning_rate: float = Field(default=2e-4, gt=0, description="The highest learning rate.")
    lr_probe: bool = Field(
        default=False,
        description="Chooses the learning rate by short runs on a tenth of the rows each, around `learning_rate`. Not Axolotl's "
        "name.",
    )
    embedding_lr: float | None = Field(
        default=None, gt=0, description="The rate of embeddings and head, where they are trained; else `learning_rate`."
    )
    loraplus_lr_ratio: float | None = Field(
        default=None, gt=0, description="LoRA+: the rate of the adapter's B matrices, as a multiple of `learning_rate`."
    )
    lr_scheduler: str = Field(default="cosine", description="The course of the learning rate, by transformers' name.")
    lr_scheduler_kwargs: LibraryOptions = Field(default_factory=dict, description="More arguments for it.")
    warmup_steps: int | None = Field(default=None, ge=0, description="Steps until the learning rate is reached.")
    warmup_ratio: float | None = Field(default=None, ge=0, le=1, description="The same as a part of all steps.")
    weight_decay: float = Field(default=0.0, ge=0, description="Weight decay.")
    adam_beta1: float = Field(default=0.9, ge=0, lt=1, description="Adam's first decay rate.")
    adam_beta2: float = Field(default=0.999, ge=0, lt=1, description="Adam's second decay rate.")
    adam_epsilon: float = Field(default=1e-8, gt=0, description="Adam's epsilon.")
    max_grad_norm: float = Field(default=1.0, ge=0, description="Clips the gradient's norm; 0 does not.")
    neftune_noise_alpha: float | None = Field(default=None, ge=0, description="Noise on the embeddings (NEFTune).")
    gradient_checkpointing: bool = Field(
        default=True, description="Keeps only each layer's input and computes the rest again on the way back."
    )
    gradient_checkpointing_kwargs: LibraryOptions = Field(
        default_factory=dict, description="Arguments of torch.utils.checkpoint; `use_reentrant` is false by default."
    )

    @field_validator("gradient_checkpointing_kwargs")
    @classmethod
    def _known_to_torch(cls, value: LibraryOptions) -> LibraryOptions:
        """torch would hand any other one to the layers, which pass over it."""
        unknown = next((name for name in value if name not in CHECKPOINTING), None)
        if unknown is not None:
            raise ValueError(
                f"{unknown} is no argument of torch.utils.checkpoint{nearest(str(unknown), CHECKPOINTING)}"
            )
        return value

    @field_validator("optimizer", "lr_scheduler")
    @classmethod
    def _known_to_transformers(cls, value: str, info: ValidationInfo) -> str:
        known = OPTIMIZERS if info.field_name == "optimizer" else SCHEDULERS
        if value not in known:
            raise ValueError(f"{value} is none of transformers' names{nearest(value, known)}")
        return value

    seed: int = Field(default=42, ge=0, description="Decides packing, order, dropout and the adapter's first values.")


def _no_is_text(value: object) -> object:
    """YAML reads an unquoted `no` as false."""
    return "no" if value is False else value


def _one_is_a_list(value: object) -> object:
    """A command line gives one prompt as text."""
    return [value] if isinstance(value, str) else value


class RunKeys(Keys):
    """The run: what is written, when, and where it can be watched."""

    strict: bool = Field(
        json_schema_extra=NOT_LEARNED,
        default=False,
        description="Contradictions and keys that are not followed are errors instead of notices.",
    )
    output_dir: str = Field(
        json_schema_extra=NOT_LEARNED, default="adapter", description="The folder for the adapter and its checkpoints."
    )
    resume_from_checkpoint: str | bool | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        description="A checkpoint's folder, or true for the last whole one (as `--resume`).",
    )
    logging_steps: int = Field(json_schema_extra=NOT_LEARNED, default=1, ge=1, description="Steps between two reports.")
    save_steps: int | float | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        gt=0,
        description="Steps between two checkpoints; below 1 a part of all.",
    )

    @field_validator("save_steps", "eval_steps", "sample_steps")
    @classmethod
    def _whole_or_a_part(cls, value: float | None) -> float | None:
        if value is not None and value >= 1 and value != int(value):
            raise ValueError("should be a whole number of steps, or a part of all below 1")
        return value

    saves_per_epoch: int | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        ge=1,
        description="Checkpoints in an epoch, instead of `save_steps`.",
    )
    save_strategy: Annotated[Literal["no", "steps", "epoch", "best"] | None, BeforeValidator(_no_is_text)] = Field(
        json_schema_extra=NOT_LEARNED, default=None, description="When checkpoints are written."
    )
    save_total_limit: int | None = Field(
        json_schema_extra=NOT_LEARNED, default=None, ge=1, description="How many checkpoints are kept."
    )
    eval_steps: int | float | None = Field(
        default=None, gt=0, description="Steps between two evaluations; below 1 a part of all."
    )
    evals_per_epoch: int | None = Field(
        default=None, ge=1, description="Evaluations in an epoch, instead of `eval_steps`."
    )
    eval_strategy: Annotated[Literal["no", "steps", "epoch"] | None, BeforeValidator(_no_is_text)] = Field(
        default=None, description="When the held-out rows are evaluated."
    )
    eval_batch_size: int | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        ge=1,
        description="Rows at once while evaluating; else `micro_batch_size`.",
    )
    sample_prompts: Annotated[list[str], BeforeValidator(_one_is_a_list)] = Field(
        json_schema_extra=NOT_LEARNED,
        default_factory=list,
        max_length=MOST_PROMPTS,
        description="Beginnings of texts that the model continues on the way, into the log, `samples.jsonl` and the card; the "
        "base first. Not Axolotl's name.",
    )

    @field_validator("sample_prompts")
    @classmethod
    def _no_empty_prompt(cls, value: list[str]) -> list[str]:
        """Without the white space at its end, which most tokenizers put before the next word."""
        prompts = [prompt.rstrip() for prompt in value]
        if "" in prompts:
            raise ValueError("holds an empty prompt; give the beginning of a text")
        if len(set(prompts)) < len(prompts):
            raise ValueError("holds a prompt twice")
        return prompts

    sample_steps: int | float | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        gt=0,
        description="Steps between two continuations of `sample_prompts`; below 1 a part of all; a tenth by default. Not "
        "Axolotl's name.",
    )
    sample_max_new_tokens: int = Field(
        json_schema_extra=NOT_LEARNED,
        default=60,
        ge=1,
        le=4096,
        description="Tokens of such a continuation at most. Not Axolotl's name.",
    )
    early_stopping_patience: int | None = Field(
        default=None, ge=1, description="Stops after so many evaluations without a lower loss."
    )
    load_best_model_at_end: bool = Field(
        default=False, description="Ends with the checkpoint of the lowest held-out loss."
    )
    use_tensorboard: bool = Field(
        json_schema_extra=NOT_LEARNED, default=False, description="Writes TensorBoard's files into `output_dir`/runs."
    )
    wandb_project: str | None = Field(
        json_schema_extra=NOT_LEARNED, default=None, description="Reports to this project at Weights & Biases."
    )
    wandb_entity: str | None = Field(
        json_schema_extra=NOT_LEARNED, default=None, description="The team at Weights & Biases."
    )
    wandb_name: str | None = Field(
        json_schema_extra=NOT_LEARNED, default=None, description="The run's name at Weights & Biases."
    )
    wandb_run_id: str | None = Field(
        json_schema_extra=NOT_LEARNED, default=None, description="The run's identifier at Weights & Biases."
    )
    wandb_mode: Literal["online", "offline", "disabled"] | None = Field(
        json_schema_extra=NOT_LEARNED, default=None, description="How W&B reports."
    )
    hub_model_id: str | None = Field(
        json_schema_extra=NOT_LEARNED, default=None, description="The repository on the Hub that `--push` writes to."
    )
    fsdp: str | list[str] | None = Field(
        default=None, description="Fully sharded data parallelism, as accelerate names it."
    )

    @field_validator("fsdp")
    @classmethod
    def _known_to_accelerate(cls, value: str | list[str] | None) -> str | list[str] | None:
        words = value.split() if isinstance(value, str) else value or []
        unknown = next((word for word in words if word not in SHARDING), None)
        if unknown is not None:
            raise ValueError(f"{unknown} is no kind of sharding{nearest(unknown, SHARDING)}")
        return value

    fsdp_config: LibraryOptions = Field(default_factory=dict, description="Its details.")
    ddp_find_unused_parameters: bool | None = Field(default=None, description="Passed to DistributedDataParallel.")
    dataloader_num_workers: int = Field(
        json_schema_extra=NOT_LEARNED, default=0, ge=0, description="Processes that put batches together."
    )
    gpu_memory_limit: float | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        gt=0,
        description="The GPU's memory in GiB that `--dry-run` plans for; training does not enforce it.",
    )
    tokens_per_second: float | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        gt=0,
        description="The speed that `--dry-run` reckons hours with. Not Axolotl's name.",
    )
