"""What a look at a site comes to: the spider that would be written, or why none."""

from __future__ import annotations

from aurora_crawl.inspection.front_page import GHOST, WORDPRESS
from aurora_crawl.inspection.look import Look
from aurora_crawl.inspection.proof import prove
from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.inspection.proposed_routes import choose_routes
from aurora_crawl.inspection.proposed_rules import choose_rules
from aurora_crawl.messages import N_, Message


def propose(look: Look, name: str, *, obeys_opt_outs: bool = True) -> Proposal:
    """The proposal for a site that was looked at."""
    found = Proposal(look, name, title=look.front.name if look.front else "")
    if look.refusal:
        found.refusal = Message("{why}", why=look.refusal)
        return found
    front = look.front
    assert front is not None, "a look without a refusal has seen the front page"
    found.license, found.license_words = front.license, front.license_words
    found.platform = {WORDPRESS: "WordPress", GHOST: "Ghost"}.get(front.platform, "Static")
    if look.rest is not None and look.rest.is_open:
        found.platform = "WordPress"
    if look.opt_out and obeys_opt_outs:
        found.refusal = Message(
            N_("its publisher does not want its texts in training data: {signals}"), signals=", ".join(look.opt_out[:4])
        )
        return found
    choose_routes(found)
    choose_rules(found)
    prove(found)
    return found
