"""What a look found, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.messages import _

_SHOWN = 160
"""Letters of an article's beginning and end."""


def told_of(found: Proposal) -> Iterator[str]:
    """The lines: what the site is, its ways, the choice with its reasons, three articles, how sure."""
    look, front = found.look, found.look.front
    yield _("{url}: {requests} requests").format(url=look.site_url, requests=look.requests)
    if front is not None:
        platform = front.platform or (_("WordPress") if found.platform == "WordPress" else _("unknown make"))
        theme = _(", theme {name}").format(name=front.theme) if front.theme else ""
        yield _("  system: {platform} ({marks}){theme}").format(platform=platform, marks=front.marks, theme=theme)
        yield _("  language: {language}; licence: {license}").format(
            language=front.language or _("not told"), license=front.license or _("not told")
        )
    yield _("  machine learning: {signals}").format(signals=", ".join(look.opt_out) or _("nothing said against it"))
    for reason in found.reasons:
        yield f"  {reason.told()}"
    for proof in found.proofs[:3]:
        beginning, end = proof.text[:_SHOWN].replace("\n", " "), proof.text[-_SHOWN:].replace("\n", " ")
        words = len(proof.text.split())
        yield _("  article: {title} ({day}, {words} words)").format(
            title=proof.title, day=(proof.published or "?")[:10], words=words
        )
        yield f"    {beginning} … {end}"
    if found.refusal is None:
        yield _("  it would be crawled as {platform}; {sureness}").format(
            platform=found.platform, sureness=_(found.sureness)
        )
