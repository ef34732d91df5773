"""Replay out of texts: which configurations it can follow, and the first texts that come to as many tokens as are wanted."""

from __future__ import annotations

import numpy as np

from train.config.load import Config
from train.data.documents import read_documents
from train.data.prepare import DocumentRecord, tokenise
from train.data.replay import SELF, replay_entries
from train.errors import ConfigError, DataError
from train.models.tokenizer import Encoder

_HEADS = ("lm_head", "embed_tokens", "embed_out", "wte")


def check_replay(config: Config, processes: int) -> None:
    """Raises ConfigError for replay that a run on so many processes cannot follow, before anything slow is loaded."""
    if not config.replay:
        return
    if config.replay == SELF and processes > 1:
        raise ConfigError("replay: self is drawn by one process; start without several, or name a path of texts")
    if config.replay_loss != "kl":
        return
    if processes > 1:
        raise ConfigError("replay_loss: kl is not proven on several processes; set replay_loss: lm")
    if config.liger_kernel or not config.chunked_cross_entropy:
        raise ConfigError("replay_loss: kl needs chunked_cross_entropy, and no liger_kernel; or set replay_loss: lm")
    named = config.lora_target_modules if isinstance(config.lora_target_modules, list) else []
    touched = [name for name in (*config.lora_modules_to_save, *named) if name.rsplit(".", 1)[-1] in _HEADS]
    if touched:
        raise ConfigError(
            f"replay_loss: kl needs a head that is not trained; take {touched[0]} out, or set replay_loss: lm"
        )


def replayed_texts(
    config: Config, encoder: Encoder, wanted: int
) -> tuple[np.ndarray, np.ndarray, list[DocumentRecord]]:
    """The first texts, in an order that the seed decides, that come to so many tokens; the last one is cut.

    Their tokens, the number of each, and whose they are. Raises DataError for texts that cannot be read or are too few.
    """
    documents = read_documents(replay_entries(config), key="replay")
    order = np.random.default_rng(config.seed).permutation(len(documents))
    found = tokenise([documents[place] for place in order.tolist()], encoder)
    if len(found.flat) < wanted:
        raise DataError(
            f"replay: {config.replay} has {len(found.flat):,} tokens, and replay_share {config.replay_share:g} takes "
            f"{wanted:,}; name more texts, or lower replay_share"
        )
    flat, lengths = first_tokens(found.flat, found.lengths, wanted)
    return flat, lengths, found.documents[: len(lengths)]


def first_tokens(tokens: np.ndarray, lengths: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
    """The first so many tokens, and the lengths of the documents that they are; one token alone is no document."""
    ends = np.cumsum(lengths)
    count = int(np.searchsorted(ends, wanted)) + 1
    kept = lengths[:count].copy()
    kept[-1] -= max(0, int(ends[count - 1]) - max(2, wanted))
    if kept[-1] < 2 and len(kept) > 1:
        kept = kept[:-1]
    return tokens[: int(kept.sum())], kept
