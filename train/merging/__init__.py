"""A base model's weights with an adapter in them."""
