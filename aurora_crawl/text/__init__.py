"""Paragraphs become better paragraphs: spelling, repeated phrases, language, quality; pure functions."""
