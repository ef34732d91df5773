"""What the crawl keeps: shards of articles, and the ledger of what became of every address."""
