"""The spider of the invented newspaper; it stands apart from the real sites."""
