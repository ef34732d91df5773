"""What a site's class must say of itself, checked when the class is made."""

from __future__ import annotations

import inspect
import re

from aurora_crawl.addresses import refusal
from aurora_crawl.errors import AuroraError

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
    faults = []
    name = getattr(cls, "name", None)
    module = cls.__module__.rpartition(".")[2]
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+", name):
        faults.append(f"name is {name!r}; it wants small letters and digits")
    else:
        if module not in (name, "__main__"):
            faults.append(f"name {name!r} stands in the file {module}.py; both must be the same")
        if cls.__name__.lower() != f"{name}spider":
            faults.append(f"the class of {name!r} is called {cls.__name__}; it wants {name.capitalize()}Spider")
    site_url = getattr(cls, "site_url", None)
    if not isinstance(site_url, str) or refusal(site_url) is not None or site_url.endswith("/"):
        faults.append(
            f"site_url is {site_url!r}; it wants an address like https://example.org, without a slash at the end"
        )
    license = getattr(cls, "license", "missing")
    if license == "missing":
        faults.append("license is missing; null says that it is unknown")
    elif license is not None and not _SPDX_LIKE.fullmatch(str(license)):
        faults.append(f"license is {license!r}; it wants an SPDX identifier, LicenseRef-…, or null")
    faults += of_routes
    reads = getattr(cls, "reads", ())
    if reads not in DOCUMENTS:
        faults.append(f"reads is {reads!r}; it wants one of {', '.join(map(repr, DOCUMENTS))}")
    faults += _faults_of_patterns(cls)
    doc = inspect.getdoc(cls) or ""
    faults.extend(
        f"the docstring does not tell {field!r}"
        for field in DOC_FIELDS
        if not re.search(rf"^{field}: \S", doc, re.MULTILINE)
    )
    if faults:
        raise DeclarationError(f"{cls.__module__}.{cls.__name__}: {'; '.join(faults)}")


def _faults_of_patterns(cls: type) -> list[str]:
    """The regular expressions and path prefixes of a class that are none."""
    faults = []
    for pattern in (getattr(cls, "articles", ""), *(pattern for pattern, _ in getattr(cls, "rewrites", ()))):
        try:
            re.compile(pattern)
        except re.error as error:
            faults.append(f"{pattern!r} is no regular expression ({error})")
    if not getattr(cls, "only", "/").startswith("/"):
        faults.append(f"only is {cls.only!r}; it wants how the paths begin, like /pt/")  # type: ignore[attr-defined]
    return faults
