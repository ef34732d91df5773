"""Whether a loaded model can be evaluated and generate: each started once."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from peft import PeftModel

from train.evaluation.perplexity import window_losses

_READ_TOKENS = 12


@torch.no_grad()
def check_evaluation(model: PeftModel, tokens: np.ndarray) -> None:
    """Measures some tokens as `train.evaluate` does, without the adapter and with it. Whatever fails is raised."""
    ids = [int(token) for token in tokens[:_READ_TOKENS]]
    causal: Any = model.get_base_model()
    with model.disable_adapter():
        window_losses(causal, ids, ids)
    if not bool(torch.isfinite(window_losses(causal, ids, ids)).all()):
        raise ValueError("its loss is no number")


@torch.no_grad()
def check_generation(model: PeftModel, tokens: np.ndarray) -> None:
    """Writes two tokens with a cache of keys and values, as `train.generate` does. Whatever fails is raised."""
    generator: Any = model
    ids = torch.from_numpy(np.array(tokens[:_READ_TOKENS], dtype=np.int64))[None].to(model.device)
    generator.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        use_cache=True,
        do_sample=False,
        temperature=None,
        top_p=None,
        top_k=None,
        max_new_tokens=2,
        pad_token_id=0,
    )
