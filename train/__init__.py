"""A 4-bit LoRA adapter from shards of text; knows nothing of how the shards came to be."""
