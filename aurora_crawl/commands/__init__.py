"""Scrapy commands: thin faces of the rest."""
