"""A finished adapter: what it carries, and how it is read back."""
