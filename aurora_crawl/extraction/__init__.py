"""A page or a file becomes paragraphs and what is known of them; no Scrapy here."""

from aurora_crawl.extraction.article import Extracted, extract_article

__all__ = ["Extracted", "extract_article"]
