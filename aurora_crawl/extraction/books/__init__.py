"""Readers of whole books, one by kind of file; each is called in a process of its own (`extraction/readers.py`)."""
