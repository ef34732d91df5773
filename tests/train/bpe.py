"""Byte-level BPE tokenizers for tiny models, trained on the spot, with words cut as a family cuts them."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tests.train.conftest import WORDS

TEXTS = [
    "A cidade não pára: 1234 ruas, 56% d'água! (São João)\n\n\tfim do dia  com   espaços...",
    "olá mundo\r\nGREVE dos Professores em 2023/24 – “não”, disse ele",
    " começo com espaço",
    "ção ção çaõ 😀 日本 x9y",
]
"""What tells ways of cutting words apart: numbers, white space, capitals, signs, other scripts."""

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)


def save_bpe(folder: Path, cuts: tuple[str, ...], *, ignore_merges: bool = False) -> None:
    """Trains a tokenizer of at most 600 pieces and saves it beside a model."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    steps: list[pre_tokenizers.PreTokenizer] = []
    for cut in cuts:
        if cut == "digits":
            steps.append(pre_tokenizers.Digits(individual_digits=True))
        elif cut == "bytes":
            steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True))
        else:
            steps.append(pre_tokenizers.Split(Regex(cut), "isolated"))
            steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<s>", "</s>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*TEXTS * 3, " ".join(WORDS), " ".join(WORDS).title()], trainer)
    special = {"bos_token": "<s>", "eos_token": "</s>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
