"""What a site's class must say of itself, checked when the class is made."""

from __future__ import annotations

import inspect
import re

from aurora_crawl.addresses import refusal
from aurora_crawl.errors import AuroraError
from aurora_crawl.messages import Message, Several

DOC_FIELDS = ("Site", "Acervo", "Licença", "Verificado")
"""What the docstring of a site's spider tells: name and address, extent of the archive, licence, what was checked and how."""

DOCUMENTS = (("html",), ("pdf",), ("works",))
"""What `reads` may be."""

_SPDX_LIKE = re.compile(r"(LicenseRef-[A-Za-z0-9.-]+|[A-Z][A-Za-z0-9.+-]*)")


class DeclarationError(AuroraError, TypeError):
    """A site's class lacks something or contradicts itself; the message lists all of it."""


def check_declaration(cls: type, of_routes: list[str]) -> None:
    """Raise DeclarationError unless the class of a site is complete. `of_routes`: what is wrong with its routes.

    File, name and class must agree, the address must be one, the licence an identifier or null, and the docstring must tell
    every one of `DOC_FIELDS`.
    """
    faults: list[str] = []
    name = getattr(cls, "name", None)
    module = cls.__module__.rpartition(".")[2]
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+", name):
        faults.append(Message("name is {name}; it wants small letters and digits", name=repr(name)))
    else:
        if module not in (name, "__main__"):
            faults.append(
                Message(
                    "name {name} stands in the file {module}.py; both must be the same", name=repr(name), module=module
                )
            )
        if cls.__name__.lower() != f"{name}spider":
            faults.append(
                Message(
                    "the class of {name} is called {called}; it wants {wanted}",
                    name=repr(name),
                    called=cls.__name__,
                    wanted=f"{name.capitalize()}Spider",
                )
            )
    site_url = getattr(cls, "site_url", None)
    if not isinstance(site_url, str) or refusal(site_url) is not None or site_url.endswith("/"):
        faults.append(
            Message(
                "site_url is {site_url}; it wants an address like https://example.org, without a slash at the end",
                site_url=repr(site_url),
            )
        )
    license = getattr(cls, "license", "missing")
    if license == "missing":
        faults.append(Message("license is missing; null says that it is unknown"))
    elif license is not None and not _SPDX_LIKE.fullmatch(str(license)):
        faults.append(
            Message("license is {license}; it wants an SPDX identifier, LicenseRef-…, or null", license=repr(license))
        )
    faults += of_routes
    reads = getattr(cls, "reads", ())
    if reads not in DOCUMENTS:
        faults.append(
            Message("reads is {reads}; it wants one of {list}", reads=repr(reads), list=", ".join(map(repr, DOCUMENTS)))
        )
    faults += _faults_of_patterns(cls)
    doc = inspect.getdoc(cls) or ""
    faults.extend(
        Message("the docstring does not tell {field}", field=repr(field))
        for field in DOC_FIELDS
        if not re.search(rf"^{field}: \S", doc, re.MULTILINE)
    )
    if faults:
        raise DeclarationError("{cls}: {faults}", cls=f"{cls.__module__}.{cls.__name__}", faults=Several(faults))


def _faults_of_patterns(cls: type) -> list[str]:
    """The regular expressions and path prefixes of a class that are none."""
    faults: list[str] = []
    for pattern in (getattr(cls, "articles", ""), *(pattern for pattern, _ in getattr(cls, "rewrites", ()))):
        try:
            re.compile(pattern)
        except re.error as error:
            faults.append(Message("{pattern} is no regular expression ({why})", pattern=repr(pattern), why=error))
    if not getattr(cls, "only", "/").startswith("/"):
        faults.append(Message("only is {only}; it wants how the paths begin, like /pt/", only=repr(cls.only)))  # type: ignore[attr-defined]
    return faults
