"""A tokenizer as GGUF holds it: what cuts words decides its name, and SentencePiece's pieces get scores."""

from __future__ import annotations

import shutil
from pathlib import Path

import mistral_common
import pytest
import transformers
from gguf import TokenType

from tests.train.bpe import save_bpe
from train.errors import ConfigError
from train.export.vocabulary import PRE, vocabulary_of


@pytest.mark.parametrize(("key", "name"), PRE.items(), ids=PRE.values())
def test_ways_of_cutting_words_have_llama_cpps_names(
    key: tuple[tuple[str, ...], bool], name: str, tmp_path: Path
) -> None:
    save_bpe(tmp_path, key[0], ignore_merges=key[1])
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path)
    found = vocabulary_of(tokenizer, len(tokenizer) + 5, "x")
    assert (found.model, found.pre) == ("gpt2", name)
    assert found.pieces[-1] == f"[PAD{len(found.pieces) - 1}]"
    assert found.kinds[-1] == TokenType.UNUSED
    assert found.kinds[found.pieces.index("<|im_end|>")] == TokenType.CONTROL
    assert found.special["eos"] == tokenizer.eos_token_id
    assert len(found.merges) > 100


def test_other_ways_are_refused(tmp_path: Path) -> None:
    save_bpe(tmp_path, ("[a-z]+",))
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="no name of llama"):
        vocabulary_of(tokenizer, 700, "x")


def test_sentencepieces_pieces_are_scored_by_their_merges(tmp_path: Path) -> None:
    from sentencepiece import SentencePieceProcessor

    model = Path(mistral_common.__file__).parent / "data/tokenizer.model.v1"
    shutil.copy(model, tmp_path / "tokenizer.model")
    transformers.LlamaConfig().save_pretrained(tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    found = vocabulary_of(tokenizer, len(tokenizer), "x")
    right = SentencePieceProcessor(model_file=str(model))
    assert found.model == "llama"
    assert found.pieces[3:259] == [f"<0x{number:02X}>" for number in range(256)]
    assert set(found.kinds[3:259]) == {int(TokenType.BYTE)}
    # Runs of blanks aside: SentencePiece merges them last, transformers' own conversion first.
    plain = [index for index in range(259, 20_000) if found.pieces[index].strip("▁")]
    scored = [index for index in plain if found.scores[index] > -1e5]
    assert len(scored) > 15_000
    order = sorted(scored, key=lambda index: -found.scores[index])
    assert order == sorted(scored, key=lambda index: -right.get_score(index))
