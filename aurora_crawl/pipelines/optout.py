"""Obeys publishers who say that their texts are not for machine learning."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import BaseSettings

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.errors import SettingError
from aurora_crawl.items import Article
from aurora_crawl.messages import N_
from aurora_crawl.pipelines.dropping import ArticleDropped
from aurora_crawl.text.clean import Dropped

POLICIES = ("obey", "mark")


class OptOutPipeline:
    """The step after validation. With OPT_OUT=mark the article is kept, and what was found stays in `opt_out`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._policy = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OptOutPipeline:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def process_item(self, item: Article) -> Article:
        """Raises ArticleDropped for `opted out`. An unknown policy stops the crawl: nothing is kept that nobody decided on."""
        try:
            self._policy = self._policy or policy_in(self.crawler.settings)
        except SettingError as error:
            site_context(self.crawler).halt("settings", str(error))
            raise DropItem("no policy", log_level="DEBUG") from error
        if dropped := opted_out(item, self._policy):
            raise ArticleDropped(dropped)
        return item


def policy_in(settings: BaseSettings) -> str:
    """What OPT_OUT says is done with what is not for machine learning. Raises SettingError for anything but a policy."""
    policy = settings["OPT_OUT"]
    if policy not in POLICIES:
        raise SettingError(
            N_("{name}={value} is not one of {words}"), name="OPT_OUT", value=policy, words=", ".join(POLICIES)
        )
    return str(policy)


def opted_out(article: Article, policy: str) -> Dropped | None:
    """Why an article is not taken by a policy; None where it is."""
    if article.opt_out and policy == "obey":
        return Dropped("opted out", article, ", ".join(article.opt_out), rules=policy)
    return None
