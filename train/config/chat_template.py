"""Chat templates that a configuration may name instead of writing them out."""

from __future__ import annotations

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""ChatML: each message between two signs, its role in the first line."""

OWN = "tokenizer_default"
"""Axolotl's name of the tokenizer's own template."""


def template_of(value: str) -> str | None:
    """The template that `chat_template` asks for: written out, or by name; None for the tokenizer's own.

    Raises ValueError for a name that is not known here.
    """
    if "{{" in value or "{%" in value:
        return value
    if value == "chatml":
        return CHATML
    if value == OWN:
        return None
    raise ValueError(
        f"{value} is no template, and its name is not known here: write the template itself (Jinja, with {{{{…}}}}), chatml, or "
        f"{OWN} for the tokenizer's own"
    )
