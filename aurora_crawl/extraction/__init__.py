"""A page or a file becomes paragraphs and what is known of them; no Scrapy here."""
