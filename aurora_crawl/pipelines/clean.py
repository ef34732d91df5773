"""Cleans articles, and counts what that does to them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from tempfile import gettempdir

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import BaseSettings

from aurora_crawl import stat_names as names
from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.errors import SettingError
from aurora_crawl.items import Article
from aurora_crawl.messages import N_, Message
from aurora_crawl.pipelines.dropping import ArticleDropped
from aurora_crawl.text.boilerplate.block_file import BlockFileError
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.clean import Dropped, Rules, clean, masks_of
from aurora_crawl.text.language import detect_mostly
from aurora_crawl.text.quality import Thresholds

TOO_SLOW = "too slow to clean"
MASK_SETTING = "MASK_PERSONAL_DATA"


class CleanPipeline:
    """Takes each article through `text.clean`, whose steps stand there in their order.

    Counted are cuts by rule, masked pieces of personal data, and marks of quality.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._rules: Rules | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CleanPipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def open_spider(self) -> None:
        """Loads the model of languages before the first page comes: later it would keep every answer waiting."""
        try:
            detect_mostly(["aquecimento"])
        except OSError:
            # Said when the first article comes, if it is still so: a crawl that finds nothing new does not need it.
            return

    def process_item(self, item: Article) -> Article:
        """Raises ArticleDropped. Rules that cannot be read, and a disk without room, stop the crawl."""
        rules = self._rules = self._rules or self._read()
        try:
            with within_budget():
                outcome = clean(item, rules)
        except OverBudget as error:
            raise ArticleDropped(Dropped(TOO_SLOW, item)) from error
        except OSError as error:
            # The model of languages is unpacked into a temporary file when it is first asked.
            said = Message(
                "{path}: {why}; make room, then run the same command again", path=gettempdir(), why=error.strerror
            )
            raise self._halted("store", said) from error
        self._count(item, outcome.article if isinstance(outcome, Dropped) else outcome, rules)
        if isinstance(outcome, Dropped):
            raise ArticleDropped(outcome)
        return outcome

    def _read(self) -> Rules:
        try:
            return rules_in(self.crawler.settings, site_context(self.crawler).site)
        except BlockFileError as error:
            raise self._halted("boilerplate", error.message) from error
        except SettingError as error:
            raise self._halted("settings", error.message) from error

    def _count(self, before: Article, after: Article, rules: Rules) -> None:
        count = self.crawler.stats.inc_value
        for removal in after.removed[len(before.removed) :]:
            count(f"{names.REMOVED}{removal.rule}")
        if rules.mask_personal_data and (gained := masks_of(after) - masks_of(before)):
            count(names.MASKED, gained)
        for mark in after.quality.marks:
            count(f"{names.MARKED}{mark}")

    def _halted(self, reason: str, message: str) -> DropItem:
        site_context(self.crawler).halt(reason, message)
        return DropItem("not cleaned", log_level="DEBUG")


def rules_in(settings: BaseSettings, site: str) -> Rules:
    """How a site's articles are cleaned, by the settings and by DATA_DIR/boilerplate/SITE.txt, where that file is there.

    Raises BlockFileError for a file of blocks that cannot be read, SettingError.
    """
    try:
        is_masking = settings.getbool(MASK_SETTING)
    except ValueError as error:
        raise SettingError(
            N_("{name}={value} is neither True nor False"), name=MASK_SETTING, value=settings[MASK_SETTING]
        ) from error
    blocks = Path(settings["DATA_DIR"]) / "boilerplate" / f"{site}.txt"
    return Rules(Boilerplate.general().with_file(blocks), thresholds_in(settings), is_masking)


def thresholds_in(settings: BaseSettings) -> Thresholds:
    """The thresholds of quality that the settings QUALITY_… name. Raises SettingError for one that is no number."""
    found = {}
    for one in fields(Thresholds):
        name = f"QUALITY_{one.name.upper()}"
        value = settings.get(name, one.default)
        try:
            found[one.name] = float(value)
        except (TypeError, ValueError) as error:
            raise SettingError(
                N_("{name}={value} is no number; without it, {default} holds"),
                name=name,
                value=value,
                default=one.default,
            ) from error
    return Thresholds(**found)
