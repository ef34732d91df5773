"""Invented outlets of many makes, each whole: what it answers, and what a crawl of it must bring. For tests of looks at sites."""
