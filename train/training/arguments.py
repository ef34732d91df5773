"""The configuration as transformers' Trainer takes it."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from train.config.load import Config
from train.errors import ConfigError, first_line
from train.models.device import Machine
from train.planning.plan import total_steps, warmup_steps
from train.planning.strategies import check_schedule, evaluating, optimizer_arguments, saving


def training_arguments(
    config: Config, machine: Machine, folder: Path, *, steps_per_epoch: int, evaluates: bool
) -> TrainingArguments:
    """The arguments of a run whose checkpoints the trainer writes into `folder`; `train.training.checkpoints` moves them on.

    `evaluates` says whether there are held-out rows. Raises ConfigError for values that transformers refuses.
    """
    cpu = machine.device == "cpu"
    check_schedule(config)
    try:
        arguments = TrainingArguments(
            output_dir=str(folder),
            per_device_train_batch_size=config.micro_batch_size,
            per_device_eval_batch_size=config.eval_batch_size or config.micro_batch_size,
            gradient_accumulation_steps=config.gradient_accumulation_steps,
            num_train_epochs=config.num_epochs,
            max_steps=config.max_steps or -1,
            learning_rate=config.learning_rate,
            lr_scheduler_type=config.lr_scheduler,
            lr_scheduler_kwargs=config.lr_scheduler_kwargs,
            warmup_steps=warmup_steps(config, total_steps(config, steps_per_epoch)),
            optim=machine.optimizer,
            optim_args=optimizer_arguments(config),
            weight_decay=config.weight_decay,
            adam_beta1=config.adam_beta1,
            adam_beta2=config.adam_beta2,
            adam_epsilon=config.adam_epsilon,
            max_grad_norm=config.max_grad_norm,
            neftune_noise_alpha=config.neftune_noise_alpha,
            use_cpu=cpu,
            ddp_backend="gloo" if cpu and machine.world_size > 1 else None,
            # Every trained weight takes part in every step; looking for those that do not would cost each one a search.
            ddp_find_unused_parameters=bool(config.ddp_find_unused_parameters) if machine.world_size > 1 else None,
            fsdp=_fsdp(config),
            fsdp_config=dict(config.fsdp_config) or None,
            bf16=machine.bf16,
            fp16=machine.fp16,
            tf32=_tf32(config, cpu=cpu),
            torch_compile=config.torch_compile is True or (config.torch_compile == "auto" and not cpu),
            use_liger_kernel=config.liger_kernel,
            logging_steps=config.logging_steps,
            # A loss that is no number is to be seen, not replaced by the mean of those before.
            logging_nan_inf_filter=False,
            save_total_limit=None,
            # How often in a row a run got no better is not forgotten when it is resumed.
            restore_callback_states_from_checkpoint=True,
            seed=config.seed,
            data_seed=config.seed,
            dataloader_num_workers=config.dataloader_num_workers,
            dataloader_pin_memory=not cpu,
            remove_unused_columns=False,
            label_names=["labels"],
            prediction_loss_only=True,
            disable_tqdm=True,
            report_to=_reports(config),
            run_name=config.wandb_name,
            **saving(config, steps_per_epoch),
            **evaluating(config, steps_per_epoch, evaluates=evaluates),
        )
    except (ValueError, TypeError, ImportError) as error:
        raise ConfigError(first_line(error)) from error
    return on_one_gpu(arguments)


def on_one_gpu(arguments: TrainingArguments) -> TrainingArguments:
    """The arguments of a process that uses one GPU, however many are here.

    transformers would put the model into torch's DataParallel: rows twice a step, the loss twice as high, and the bounds
    of packed documents cut apart.
    """
    if arguments.n_gpu > 1:
        arguments._n_gpu = 1
    return arguments


def _fsdp(config: Config) -> str | None:
    if isinstance(config.fsdp, list):
        return " ".join(config.fsdp) or None
    return config.fsdp


def _tf32(config: Config, *, cpu: bool) -> bool | None:
    if cpu or config.tf32 is False:
        return None
    able = torch.cuda.get_device_capability()[0] >= 8
    if config.tf32 is True and not able:
        raise ConfigError("tf32: this GPU has no TensorFloat-32; set tf32: auto")
    return True if able else None


def _reports(config: Config) -> list[str]:
    """Who is told of the run; `train.config.reconcile` has passed over what is not installed."""
    wandb = config.wandb_project and config.wandb_mode != "disabled"
    return [name for name, asked in (("tensorboard", config.use_tensorboard), ("wandb", wandb)) if asked]


def reporting_environment(config: Config) -> dict[str, str]:
    """The environment variables through which transformers tells TensorBoard and W&B where a run belongs."""
    named = {
        "WANDB_PROJECT": config.wandb_project,
        "WANDB_ENTITY": config.wandb_entity,
        "WANDB_RUN_ID": config.wandb_run_id,
        "WANDB_MODE": config.wandb_mode,
        "TENSORBOARD_LOGGING_DIR": str(Path(config.output_dir) / "runs") if config.use_tensorboard else None,
    }
    return {key: value for key, value in named.items() if value}
