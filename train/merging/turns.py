"""How well a model keeps to its chat template: questions asked through it, and whether each answer ends its turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

QUESTIONS = (
    "Qual é a capital do Brasil?",
    "Escreva uma frase sobre a chuva.",
    "O que é uma greve?",
    "Traduza para o inglês: bom dia.",
    "Quanto é 7 vezes 8?",
    "Dê três nomes de frutas.",
    "Para que serve uma biblioteca?",
    "Resuma em uma frase: a prefeitura abriu vagas para uma oficina de leitura.",
    "Quem escreve as leis em um país?",
    "O que se planta no outono?",
    "Explique o que é inflação.",
    "Como se faz café?",
    "Qual é o plural de 'cidadão'?",
    "Corrija: os menino foi à escola.",
    "Por que o céu é azul?",
    "Diga uma palavra que rime com 'rio'.",
)
"""What is asked; the answers are not looked at, only how they end."""

ANSWER_TOKENS = 128
"""How long an answer may be."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What became of so many questions: how many answers ended their turn, and how many kept the template.

    An answer keeps it that ends its turn and holds no other token of the template.
    """

    asked: int
    ended: int
    kept: int

    def __str__(self) -> str:
        """In a line."""
        return f"{self.kept} of {self.asked} answers keep the template, {self.ended} end their turn"


@torch.no_grad()
def turns_of(model: Any, tokenizer: Any, questions: Sequence[str] = QUESTIONS, limit: int = ANSWER_TOKENS) -> Turns:
    """Asks each question through the tokenizer's chat template; the likeliest answer of at most `limit` tokens counts."""
    ends = _end_tokens(model, tokenizer)
    special = set(tokenizer.all_special_ids) - ends
    ended = kept = 0
    for question in questions:
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": question}], tokenize=False, add_generation_prompt=True
        )
        ids = tokenizer(text, return_tensors="pt", add_special_tokens=False).input_ids.to(model.device)
        found = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=limit,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            use_cache=True,
            eos_token_id=sorted(ends),
            pad_token_id=tokenizer.pad_token_id or 0,
        )
        answer = found[0, ids.shape[1] :].tolist()
        stops = bool(answer) and answer[-1] in ends
        ended += stops
        kept += stops and not special.intersection(answer)
    return Turns(len(questions), ended, kept)


def _end_tokens(model: Any, tokenizer: Any) -> set[int]:
    own = getattr(model.generation_config, "eos_token_id", None)
    named = [own] if isinstance(own, int) else list(own or [])
    return {tokenizer.eos_token_id, *named}
