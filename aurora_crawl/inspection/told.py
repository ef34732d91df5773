"""What a look found, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from aurora_crawl.inspection.census import Counted
from aurora_crawl.inspection.census_file import CensusSum
from aurora_crawl.inspection.checkup import Checkup
from aurora_crawl.inspection.counts import Estimate
from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.messages import _, number

_WHOLE = 100
"""From here on no digits behind the point."""
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


def told_of_outlet(row: Counted) -> str:
    """An outlet of a census in a line."""
    if row.articles is None or row.tokens is None:
        return _("{host}: not known ({why})").format(host=row.host, why=row.why)
    told = _("{host}: {articles} articles, {tokens} tokens, by {route}").format(
        host=row.host, articles=bounded(row.articles), tokens=bounded(row.tokens), route=row.route
    )
    return f"{told}; {_('opted out: {signals}').format(signals=', '.join(row.opt_out[:3]))}" if row.opt_out else told


def told_of_census(whole: CensusSum, goal: int, left: int) -> Iterator[str]:
    """What a census comes to."""
    yield _("{counted} outlets counted, {unknown} not known, {opted_out} opted out, {left} not asked yet").format(
        counted=whole.counted, unknown=whole.unknown, opted_out=whole.opted_out, left=left
    )
    yield _("in all: {articles} articles, {tokens} tokens").format(
        articles=bounded(whole.articles), tokens=bounded(whole.tokens)
    )
    missing, best, worst = whole.missing(goal)
    if missing:
        yield _("to {goal} tokens are missing: {missing}").format(
            goal=short(goal), missing=bounded(Estimate(missing, best, worst))
        )
    else:
        yield _("that is enough for {goal} tokens; at worst {worst} are missing").format(
            goal=short(goal), worst=short(worst)
        )
    yield _("fetching them takes {requests} requests, and {hours:.1f} hours with all hosts at once").format(
        requests=whole.requests, hours=whole.hours
    )


def bounded(estimate: Estimate) -> str:
    """A number, with its bounds where it is not exact."""
    return (
        short(estimate.value)
        if estimate.is_exact
        else f"{short(estimate.value)} [{short(estimate.low)}–{short(estimate.high)}]"
    )


def short(value: float) -> str:
    """A number as people say it: 1,234, 56.7 k, 1.23 M."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= size:
            shown = value / (1e3 if letter == " k" else size)
            return f"{shown:.0f}{letter}" if shown >= _WHOLE else f"{number(shown, '.3g')}{letter}"
    return f"{value:.0f}"


def told_of_checkup(checkup: Checkup) -> Iterator[str]:
    """What is wrong with a site, a cause in two lines; or that it is well."""
    if not checkup.findings:
        yield _("{site}: well ({requests} requests)").format(site=checkup.site, requests=checkup.requests)
    for one in checkup.findings:
        what, to_do = one.told()
        yield f"{checkup.site}: {what}"
        yield _("  to do: {to_do}").format(to_do=to_do)
