"""How a step refuses an article."""

from scrapy.exceptions import DropItem


class Dropped(DropItem):
    """The article is not wanted: `reason` in one or two words, as statistics and ledger count it.

    `rules` is the version of the rules that say so; when they change, the ledger can tell what to look at again.
    """

    def __init__(self, reason: str, detail: str = "", *, rules: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason, log_level="DEBUG")
        self.reason = reason
        self.rules = rules
