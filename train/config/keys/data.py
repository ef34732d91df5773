"""The keys that name the data sets and say how they become rows of tokens."""

from __future__ import annotations

import difflib
from typing import Literal, get_args

from pydantic import Field, field_validator

from train.config.keys.base import NOT_LEARNED, Keys


class DatasetKeys(Keys):
    """One data set (an entry of `datasets`)."""

    path: str = Field(
        min_length=1,
        description="A folder of shards, a corpus folder, a file (.jsonl, .jsonl.gz, .jsonl.part, .json), a pattern with `*`, "
        "or a data set's name on the Hub.",
    )
    type: Literal["completion", "pretrain"] = Field(default="completion", description="Plain text, all of it learned.")

    @field_validator("type", mode="before")
    @classmethod
    def _plain_text(cls, value: object) -> object:
        """Axolotl's forms of questions and answers, and of chats, are known by not being a name of plain text."""
        plain = get_args(cls.model_fields["type"].annotation)
        if value in plain or (isinstance(value, str) and difflib.get_close_matches(value, plain)):
            return value
        named = value if isinstance(value, str) else "keys and values"
        raise ValueError(
            f"{named} is a form of questions and answers or of chats, and only plain text is trained on here, every word of it: "
            "write each example as one text into a field, name that field (`field`), and take type: completion"
        )

    weight: float = Field(
        default=1.0,
        gt=0,
        le=1000,
        description="How often its documents occur in an epoch: 2 is twice, 0.5 every other. Not Axolotl's name.",
    )
    field: str = Field(default="text", description="The field that holds the text.")
    ds_type: Literal["json"] | None = Field(default=None, description="The files' format; seen from their names.")
    data_files: str | list[str] | None = Field(default=None, description="The files within `path`, by name or pattern.")
    name: str | None = Field(default=None, description="The configuration of a data set on the Hub.")
    split: str = Field(
        default="train", description="The part to train on, as in `train`, `test`, `train[:100]`, `all[10%:]`."
    )
    revision: str | None = Field(default=None, description="The revision of a data set on the Hub.")


class DataKeys(Keys):
    """Data sets, and what becomes of their documents."""

    datasets: list[DatasetKeys] = Field(
        min_length=1, description="The data sets to train on. `--datasets PATH …` replaces them by plain paths."
    )
    test_datasets: list[DatasetKeys] = Field(
        default_factory=list, description="Data sets that are only evaluated on; with them `val_set_size` is 0."
    )
    dataset_prepared_path: str | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        description="The folder where tokenised data is kept for the next run; none by default.",
    )
    dataset_processes: int | None = Field(
        json_schema_extra=NOT_LEARNED,
        default=None,
        ge=1,
        description="How many threads tokenise; by default one for each processor.",
    )
    val_set_size: float = Field(
        default=0.0,
        ge=0,
        description="Held out for evaluation where the data has no validation part: a fraction of the documents "
        "below 1, their number from 1 on. Cut by document.",
    )
    sequence_len: int = Field(default=2048, ge=8, description="The length of a row, in tokens.")
    sample_packing: bool = Field(
        default=True,
        description="Several documents in one row, which never see each other. Axolotl's default is false.",
    )
    eval_sample_packing: bool = Field(default=True, description="The same for the held-out documents.")
    pad_to_sequence_len: bool = Field(
        default=False,
        description="Fills every batch up to `sequence_len`, which steadies memory; else up to its longest row.",
    )
    train_on_inputs: bool = Field(
        default=False,
        description="In data of questions and answers: learn the questions too. Plain text has no such parts.",
    )
    group_by_length: bool = Field(
        default=False,
        description="Batches of rows of similar length; packed rows are all equally long, so it changes nothing.",
    )
    replay: str | None = Field(
        default=None,
        description="Rows that keep the base as it was: `self`, which are samples of the base's own, or the path of texts "
        "(data of the base's kind). Not Axolotl's name.",
    )
    replay_share: float = Field(
        default=0.2, gt=0, le=0.9, description="The part of all trained tokens that is replay. Not Axolotl's name."
    )
    replay_loss: Literal["kl", "lm"] = Field(
        default="kl",
        description="What replay rows cost: `kl`, how far the adapter's distribution of each next token is from the base's "
        "own (one forward pass more, without the adapter); `lm`, their cross-entropy. Not Axolotl's name.",
    )
