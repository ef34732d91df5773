"""Articles read as a crawl would, as proof of a proposal, and how sure it is."""

from __future__ import annotations

from aurora_crawl.extraction.article import Extracted
from aurora_crawl.inspection.look import Look
from aurora_crawl.inspection.proposal import LIKELY, SURE, Proposal
from aurora_crawl.inspection.samples import agreement
from aurora_crawl.items import split_paragraphs
from aurora_crawl.messages import N_, Message
from aurora_crawl.text.language import detect_mostly, is_mostly

_AGREES = 0.9
_LEAST_SAMPLES = 3


def prove(found: Proposal) -> None:
    """Read the articles as a crawl would, and say how sure the proposal is."""
    look = found.look
    in_rest = look.rest.articles() if look.rest and look.rest.is_open else []
    for article in in_rest[:_LEAST_SAMPLES]:
        found.proofs.append(
            Extracted(
                split_paragraphs(article.text),
                title=article.title,
                published=article.published,
                authors=article.authors,
                read_by="rest",
            )
        )
    if not found.proofs:
        found.proofs = [read for sample in look.samples if (read := sample.by(found.rules)).paragraphs]
    walls = [sample for sample in look.samples if sample.is_behind_wall]
    if walls and not in_rest and len(walls) == len(look.samples):
        found.refusal = Message(N_("its articles are for subscribers: the pages say so"))
        return
    if not found.proofs:
        found.refusal = _why_nothing_was_read(look)
        return
    foreign = [spoken for proof in found.proofs if not is_mostly(spoken := detect_mostly(proof.paragraphs))]
    if len(foreign) == len(found.proofs):
        found.refusal = Message(N_("its texts are not Portuguese ({language})"), language=foreign[0].language)
        return
    found.seen = f"{len(found.proofs)} matérias e {look.requests} respostas em {{day}}, por `scrapy newsite`; o resto não foi visto"
    has_way = bool(in_rest or look.sitemaps.entries or any(one.turns for one in look.listings))
    some_way = bool(has_way or look.listings or look.feed.items)
    agrees = all(
        not sample.declared or agreement(sample.by(found.rules).text, sample.declared) >= _AGREES
        for sample in look.samples
        if sample.by(found.rules).paragraphs
    )
    enough = len(found.proofs) >= min(_LEAST_SAMPLES, _known_size(look))
    if has_way and enough and agrees and not foreign:
        found.sureness = SURE
    elif some_way and len(found.proofs) >= min(2, _known_size(look)):
        found.sureness = LIKELY
    if not some_way:
        found.refusal = Message(N_("no way to its articles was found: no interface, sitemap, feed, or listing"))


def _known_size(look: Look) -> int:
    """How many articles the site is known to have, at least one."""
    counts = [look.rest.total if look.rest else None, int(look.sitemaps.count.value) if look.sitemaps.count else None]
    return max(1, *(count for count in counts if count is not None), 0) if any(counts) else _LEAST_SAMPLES


def _why_nothing_was_read(look: Look) -> Message:
    if look.front is not None and (
        look.front.needs_scripts or (look.samples and not any(one.general.paragraphs for one in look.samples))
    ):
        return Message(
            N_(
                "its pages show their text only after their scripts ran; a spider with `growing` needs a browser, see docs/adding-a-site.md"
            )
        )
    if look.unread:
        return Message(N_("no article could be read ({why})"), why="; ".join(look.unread[:2]))
    return Message(N_("no article was found"))
