"""What the information block of a work says of its rights: a licence, reserved, or nothing that is understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

PUBLIC_DOMAIN = "LicenseRef-public-domain"
FREE_COPYING = "LicenseRef-free-copying"
"""Copying is allowed in words, by no licence that has a name."""

_CC_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<kind>by(?:-nc)?(?:-nd|-sa)?|sa|nc-sa)/(?P<version>\d\.\d)|publicdomain/(?P<pd>zero|mark))",
    re.IGNORECASE,
)
_CC_WORDS = re.compile(
    r"\b(?:CC|Creative\s+Commons)\b\W{0,3}(?P<kind>BY(?:-NC)?(?:-ND|-SA)?)\b(?:\W{0,3}(?P<version>\d\.\d))?",
    re.IGNORECASE,
)
_CC_NAMES = (
    ("nc", re.compile(r"n[ãa]o[ -]?comercial|non[ -]?commercial", re.IGNORECASE)),
    ("nd", re.compile(r"sem[ -]deriva|no[ -]?deriv", re.IGNORECASE)),
    ("sa", re.compile(r"compartilha\w*[ -](?:pel|por)|partilha\w*|share[ -]?alike|mesma licença", re.IGNORECASE)),
)
_CREATIVE_COMMONS = re.compile(r"creative\s*commons", re.IGNORECASE)
_GFDL = re.compile(r"\bGFDL\b|\bGNU\s+(?:Free\s+Documentation|FDL)", re.IGNORECASE)
_PUBLIC_DOMAIN = re.compile(r"dom[ií]nio\s+p[úu]blico|public\s+domain", re.IGNORECASE)
_FREE = re.compile(
    r"(?:c[óo]pia|reprodu[çc][ãa]o|distribui[çc][ãa]o)\b.{0,60}\b(?:livre|permitida|garantida)|\blivre\s+reprodu|copyleft",
    re.IGNORECASE | re.DOTALL,
)
_RESERVED = re.compile(
    r"direitos\s+(?:de\s+\w+\s+)?reservados|all\s+rights\s+reserved|(?:reprodu[çc][ãa]o|c[óo]pia)\s+(?:\w+\s+)?(?:proibida|n[ãa]o\s+(?:[ée]\s+)?"
    r"(?:permitida|autorizada))|proibid[ao]\s+a\s+(?:reprodu|c[óo]pia)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"©|\(c\)|\bcopyright\b|direitos\s+(?:autorais|d[aeo]s?)\b|gentilmente|com\s+(?:a\s+)?(?:permiss|autoriza)|cedid[ao]s?\s+(?:pel|por)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rights:
    """A licence as SPDX or LicenseRef, None where none is named; `is_reserved`: the text is not ours to copy."""

    license: str | None = None
    is_reserved: bool = False


def rights_of(text: str, addresses: Iterable[str] = ()) -> Rights:
    """What an information block says, by its text and the addresses that it links.

    What is expressly reserved or forbidden is so, whatever else stands there; then a licence counts, and without one the sign or
    the words of a copyright reserve. A block that says nothing of rights says nothing.
    """
    if _RESERVED.search(text):
        return Rights(is_reserved=True)
    if license := _license(text, list(addresses)):
        return Rights(license)
    return Rights(is_reserved=bool(_COPYRIGHT.search(text)))


def _license(text: str, addresses: list[str]) -> str | None:
    linked = next((found for address in addresses if (found := _CC_ADDRESS.search(address))), None)
    if linked and linked["pd"]:
        return "CC0-1.0" if linked["pd"].lower() == "zero" else PUBLIC_DOMAIN
    if linked:
        return f"CC-{linked['kind'].upper()}-{linked['version']}"
    if written := _CC_WORDS.search(text):
        kind, version = written["kind"].upper(), written["version"]
        return f"CC-{kind}-{version}" if version else f"LicenseRef-CC-{kind}"
    if _CREATIVE_COMMONS.search(text):
        terms = "".join(f"-{short.upper()}" for short, name in _CC_NAMES if name.search(text))
        return f"LicenseRef-CC-BY{terms}"
    if _GFDL.search(text):
        # "If the Document does not specify a version number, you may choose any version ever published."
        return "GFDL-1.1-or-later"
    if _PUBLIC_DOMAIN.search(text):
        return PUBLIC_DOMAIN
    return FREE_COPYING if _FREE.search(text) else None
