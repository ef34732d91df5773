"""One crawl of one site: what it is told, what it asks for, and how its pages become articles."""
