"""Bulk archives: wanted records copied as they are, and an index of all. No Scrapy."""
