"""YAML as a configuration writes it: anchors, no key twice, text that stays text, and nulls that mean "not given"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args, get_origin

import yaml
from yaml.constructor import ConstructorError

from train.config.keys.base import Keys, members

MOST_VALUES = 100_000
"""A configuration has some hundred values; anchors within anchors could make billions of a few lines."""

_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_TEXT = f"{_TAG}str"
_NULL = f"{_TAG}null"
_PLAIN = {f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map")}
_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}")


class WrongYamlError(ValueError):
    """YAML that cannot be followed; the text says the line, where there is one, and what is wrong."""


def read_yaml(text: str, keys: type[Keys]) -> object:
    """What a YAML text holds, with the values of `keys`' text fields as they are written (`0012345`, `no`).

    Nulls are left out, at every depth. Raises WrongYamlError.
    """
    return _constructed(text, keys)


def read_value(text: str, annotation: Any) -> object:
    """The value of one key, out of a command line; what is no YAML stays text. Raises WrongYamlError."""
    if _UNUSABLE.search(text):
        raise WrongYamlError("holds half a character or a NUL")
    try:
        return _constructed(text, annotation)
    except yaml.YAMLError:
        return text


def _constructed(text: str, annotation: Any) -> object:
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _Walk(loader, text).through(node, annotation, ())
        return _given(loader.construct_document(node))
    except RecursionError:
        raise WrongYamlError("is nested too deep") from None
    except yaml.YAMLError:
        raise
    except ValueError as error:
        raise WrongYamlError(f"holds a value that cannot be read ({error})") from error


class _Walk:
    """Goes through the nodes before values are made of them: what a key takes decides how its text is read."""

    def __init__(self, loader: yaml.SafeLoader, text: str) -> None:
        self.loader = loader
        self.text = text
        self.count = 0
        self.flat: set[int] = set()

    def through(self, node: yaml.Node, annotation: Any, above: tuple[yaml.Node, ...]) -> None:
        """Checks a node and all below it, and makes text of what stands where text belongs."""
        self.count += 1
        if self.count > MOST_VALUES:
            raise WrongYamlError(f"holds more than {MOST_VALUES:,} values")
        if any(node is other for other in above):
            raise _error("an anchor holds itself", node)
        if isinstance(node, yaml.ScalarNode):
            self._scalar(node, annotation)
        elif isinstance(node, yaml.SequenceNode):
            for child in node.value:
                self.through(child, _entry(annotation), (*above, node))
        elif isinstance(node, yaml.MappingNode):
            self._check_keys(node)
            for key, child in node.value:
                self.through(child, _field(annotation, key.value), (*above, node))
        if node.tag not in _PLAIN:
            raise _error(f"a value of the kind {node.tag} is not read", node)

    def _scalar(self, node: yaml.ScalarNode, annotation: Any) -> None:
        if _UNUSABLE.search(node.value):
            raise _error("holds half a character or a NUL", node)
        if node.tag == f"{_TAG}timestamp" or (node.tag in _PLAIN - {_NULL} and is_text(annotation)):
            # A key that takes text keeps what was written: a revision 0012345, the language no.
            node.tag = _TEXT

    def _check_keys(self, node: yaml.MappingNode) -> None:
        if id(node) in self.flat:
            return
        self.flat.add(id(node))
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                if "{{" in self.text:
                    raise _error("{{…}} is a placeholder of a template: put its value there", key)
                raise _error("a key should be a word, not a list or a mapping", key)
            if key.tag == _MERGE:
                continue
            if _UNUSABLE.search(key.value):
                raise _error("holds half a character or a NUL", key)
            key.tag = _TEXT
            if key.value in seen:
                raise _error(f"the key {key.value} stands there twice", key)
            seen.add(key.value)
        self.loader.flatten_mapping(node)
        # What is merged in stands first and gives way to what the mapping says itself.
        own = {key.value: (key, _copy(value)) for key, value in node.value}
        node.value = list(own.values())


def _copy(node: yaml.Node) -> yaml.Node:
    """A scalar of its own: one that an anchor shares may be text for one key and a number for another."""
    if not isinstance(node, yaml.ScalarNode):
        return node
    return yaml.ScalarNode(node.tag, node.value, node.start_mark, node.end_mark, node.style)


def _error(problem: str, node: yaml.Node) -> ConstructorError:
    return ConstructorError(None, None, problem, node.start_mark)


def _given(value: object) -> object:
    if isinstance(value, dict):
        return {key: _given(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_given(inner) for inner in value if inner is not None]
    return value


def placeholder(values: Mapping[str, object]) -> str | None:
    """The first key whose value holds a template's `{{…}}`; a chat template is made of them, and is left alone."""
    for key, value in values.items():
        if key != "chat_template" and _has_placeholder(value):
            return key
    return None


def _has_placeholder(value: object) -> bool:
    if isinstance(value, str):
        return bool(_PLACEHOLDER.search(value))
    if isinstance(value, Mapping):
        return any(_has_placeholder(inner) for inner in value.values())
    return isinstance(value, list) and any(_has_placeholder(inner) for inner in value)


def is_text(annotation: Any) -> bool:
    """Whether a single value of that annotation can only be text."""
    single = [kind for kind in members(annotation) if get_origin(kind) is not list]
    return bool(single) and all(kind is str for kind in single)


def _entry(annotation: Any) -> Any:
    lists = [kind for kind in members(annotation) if get_origin(kind) is list]
    return get_args(lists[0])[0] if lists else None


def _field(annotation: Any, key: str) -> Any:
    for kind in members(annotation):
        if isinstance(kind, type) and issubclass(kind, Keys):
            field = kind.model_fields.get(key)
            return field.annotation if field else None
        if get_origin(kind) is dict:
            return get_args(kind)[1]
    return None
