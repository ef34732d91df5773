"""Looks at sites with few requests: what they are, how much they hold, how they are read, and what broke on them."""
