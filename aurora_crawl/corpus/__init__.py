"""From many shards to one training set: selection, near-duplicates, counts, card."""
