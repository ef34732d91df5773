"""Base spiders, one per kind of site: which routes and reading rules go together."""
