"""Manners and safety towards servers, one concern a file: Scrapy middlewares."""
