"""A book's lines and blocks become its text: running heads, hyphens, paragraphs, notes, front matter, chapters; pure functions."""
