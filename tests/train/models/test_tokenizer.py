"""Texts become tokens that end where documents end, whoever's tokenizer it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerBase

from train.config.load import Config, DatasetKeys
from train.errors import ConfigError
from train.models.source import converted_folder, find_shape, locate, resolve_base
from train.models.tokenizer import SUBSTITUTE, Encoder, encoder_of, load_tokenizer, planning_encoder, substitute_encoder


def configured(base: str | Path, **values: object) -> Config:
    return Config.model_validate({"base_model": str(base), "datasets": [DatasetKeys(path="x")]} | values)


def tokenizer_of(config: Config, *, offline: bool = False) -> PreTrainedTokenizerBase:
    return load_tokenizer(config, resolve_base(config), offline=offline)


def encoder_to_plan(config: Config) -> Encoder:
    return planning_encoder(config, resolve_base(config))


def test_each_text_ends_in_the_end_token_once(tiny_base: Path) -> None:
    encoder = encoder_of(tokenizer_of(configured(tiny_base)))
    flat, lengths = encoder.encode(["o rio", "", "a ponte da cidade"])
    assert lengths.tolist() == [3, 1, 5]
    assert [flat[end - 1] for end in lengths.cumsum()] == [encoder.eos_id] * 3
    assert int((flat == encoder.eos_id).sum()) == 3


def test_special_tokens_in_a_text_stay_text() -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    pieces.train_from_iterator(["o rio"], trainers.BpeTrainer(special_tokens=["</s>"], initial_alphabet=alphabet))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=pieces, eos_token="</s>")  # noqa: S106 (no password)
    flat, _ = encoder_of(tokenizer).encode(["o rio </s> a ponte"])
    assert int((flat == tokenizer.eos_token_id).sum()) == 1
    assert tokenizer("</s>", add_special_tokens=False)["input_ids"] == [tokenizer.eos_token_id]


@pytest.fixture
def byte_tokenizer() -> PreTrainedTokenizerBase:
    """A tokenizer of single bytes that knows `</s>` as a sign."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    pieces.train_from_iterator(["o rio"], trainers.BpeTrainer(special_tokens=["</s>"], initial_alphabet=alphabet))
    return PreTrainedTokenizerFast(tokenizer_object=pieces, eos_token="</s>")  # noqa: S106 (no password)


@pytest.mark.parametrize("text", ["o rio </s> a ponte", "</s>", "a ponte </s>", "ação"])
def test_evaluating_and_generating_read_a_text_as_training_does(
    tmp_path: Path, byte_tokenizer: PreTrainedTokenizerBase, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    import train.adapter.load
    import train.evaluation.perplexity
    import train.generate

    trained = encoder_of(byte_tokenizer).encode([text])[0].tolist()[:-1]
    torch.manual_seed(0)
    size = len(byte_tokenizer)
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(vocab_size=size, **shape)).save_pretrained(tmp_path / "base")
    byte_tokenizer.save_pretrained(tmp_path / "base")
    base = str(tmp_path / "base")

    read: list[list[int]] = []
    forward = LlamaForCausalLM.forward

    def watched(self: LlamaForCausalLM, input_ids: torch.Tensor, **named: object) -> object:
        read.append(input_ids[0].tolist())
        return forward(self, input_ids=input_ids, **named)

    monkeypatch.setattr(LlamaForCausalLM, "forward", watched)
    words = ["--base_model", base, "--prompt", text, "--max-new-tokens", "1", "--full-precision"]
    assert train.generate.main(words) == 0
    assert read[0] == trained
    config, found = train.adapter.load.adapter_config(base, None, full_precision=True)
    measurer = train.evaluation.perplexity.Measurer(config, found, None, 512)
    assert measurer.measure(text, with_adapter=False).tokens == len(trained) - 1


def test_the_begin_token_is_put_where_the_tokenizer_puts_it() -> None:
    encoder = substitute_encoder()
    flat, lengths = encoder.encode(["Olá", "mundo"])
    assert flat[0] == flat[lengths[0]] == 1
    assert encoder.name == SUBSTITUTE
    assert encoder.substitute


def test_a_base_whose_tokenizer_is_a_sentencepiece_model_is_read(tmp_path: Path) -> None:
    import mistral_common

    model = Path(mistral_common.__file__).parent / "data" / "tokenizer.model.v1"
    (tmp_path / "tokenizer.model").write_bytes(model.read_bytes())
    kind = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}
    kind |= {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(kind))
    text = "A prefeitura não abriu as inscrições."
    flat, _ = encoder_of(tokenizer_of(configured(tmp_path))).encode([text])
    assert flat.tolist() == substitute_encoder().encode([text])[0].tolist()


def test_there_is_a_padding_token_and_the_vocabulary_stays(tiny_base: Path) -> None:
    tokenizer = tokenizer_of(configured(tiny_base))
    assert tokenizer.pad_token_id == tokenizer.eos_token_id
    assert len(tokenizer) == 300


def test_special_tokens_of_the_configuration_are_set(tiny_base: Path) -> None:
    tokenizer = tokenizer_of(configured(tiny_base, special_tokens={"pad_token": "<unk>"}))
    assert tokenizer.pad_token_id == tokenizer.unk_token_id


def test_a_token_outside_the_vocabulary_is_refused_and_for_padding_passed_over(
    tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="eos_token <fim> is not in the vocabulary"):
        tokenizer_of(configured(tiny_base, special_tokens={"eos_token": "<fim>"}))
    tokenizer = tokenizer_of(configured(tiny_base, special_tokens={"pad_token": "[PAD]"}))
    assert (len(tokenizer), tokenizer.pad_token_id) == (300, tokenizer.eos_token_id)
    assert "another token pads" in capsys.readouterr().err


def test_the_fingerprint_tells_tokenizers_apart(tiny_base: Path) -> None:
    plain = encoder_of(tokenizer_of(configured(tiny_base)))
    again = encoder_of(tokenizer_of(configured(tiny_base)))
    other = encoder_of(tokenizer_of(configured(tiny_base, special_tokens={"eos_token": "<unk>"})))
    assert plain.fingerprint == again.fingerprint != other.fingerprint


def test_planning_takes_the_models_own_tokenizer_where_it_is_here(tiny_base: Path) -> None:
    assert not encoder_to_plan(configured(tiny_base)).substitute


@pytest.mark.parametrize("base", ["org/not-here", "./not-here"])
def test_planning_takes_the_substitute_where_it_is_not(base: str) -> None:
    assert encoder_to_plan(configured(base)).name == SUBSTITUTE


def test_training_without_a_tokenizer_is_an_error_of_one_line(tmp_path: Path) -> None:
    for base, says in ((tmp_path / "nada", "no such folder"), (tmp_path, "cannot be had")):
        with pytest.raises(ConfigError, match=says) as caught:
            tokenizer_of(configured(base), offline=True)
        assert "\n" not in str(caught.value)


def test_smollm2_is_found_in_its_package_with_its_shape() -> None:
    base = locate("SmolLM2-135M")
    assert base.gguf
    assert base.path is not None
    assert base.path.is_file()
    assert base.arguments == {"gguf_file": base.path.name}
    shape = find_shape(base)
    assert shape is not None
    assert shape.parameters == 134_515_008


def test_converted_files_are_kept_apart_by_what_they_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURORA_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "modelo.gguf"
    file.write_bytes(b"GGUF")
    first = converted_folder(locate(str(file)))
    file.write_bytes(b"GGUF and more")
    assert first != converted_folder(locate(str(file)))
    assert first.parent == tmp_path / "cache"


def test_paths_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "pesos.bin").write_bytes(b"x")
    for name, says in (
        (tmp_path / "a.gguf", "no such folder or file"),
        (tmp_path / "pesos.bin", "neither a folder nor"),
    ):
        with pytest.raises(ConfigError, match=says):
            locate(str(name)).require()
