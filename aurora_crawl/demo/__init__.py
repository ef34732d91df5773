"""A small invented newspaper, its server, and the whole chain run on it."""
