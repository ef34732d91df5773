"""llama.cpp itself, by the wheel of xllamacpp, on one thread and in float32: what an exported file does there."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import xllamacpp


class LlamaCpp:
    """A GGUF file, with a LoRA file or without, loaded by llama.cpp's server within this process."""

    def __init__(self, model: Path, lora: Path | None = None) -> None:
        """Loads them."""
        settings = xllamacpp.CommonParams()
        settings.model.path = str(model)
        settings.n_ctx = 1024
        settings.n_parallel = 1
        settings.cpuparams.n_threads = 1
        settings.warmup = False
        settings.verbosity = 0
        settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
        settings.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        if lora is not None:
            adapter = xllamacpp.CommonAdapterLoraInfo()
            adapter.path, adapter.scale = str(lora), 1.0
            settings.lora_adapters = [adapter]
        self.server = xllamacpp.Server(settings)

    def tokens(self, text: str) -> list[int]:
        """A text's tokens, as a prompt has them."""
        return list(self._asked("/tokenize", {"content": text, "add_special": True})["tokens"])

    def greedy(self, ids: list[int], count: int) -> list[int]:
        """The likeliest `count` tokens after these, one after another; fewer where an end token comes."""
        order = {"prompt": ids, "n_predict": count, "samplers": ["top_k"], "top_k": 1, "return_tokens": True}
        return list(self._asked("/completion", order | {"cache_prompt": False})["tokens"])

    def first_choices(self, ids: list[int], count: int) -> list[tuple[int, float]]:
        """The `count` likeliest next tokens, and the logarithm of each one's probability, the likeliest first."""
        order = {"prompt": ids, "n_predict": 1, "n_probs": count, "samplers": ["top_k"], "top_k": 1}
        found = self._asked("/completion", order | {"cache_prompt": True})["completion_probabilities"][0][
            "top_logprobs"
        ]
        return [(each["id"], each["logprob"]) for each in found]

    def _asked(self, path: str, order: dict[str, Any]) -> Any:
        request = urllib.request.Request(  # noqa: S310 (this process’ own address)
            self.server.listening_address + path, json.dumps(order).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=900) as answer:  # noqa: S310
            return json.loads(answer.read())
