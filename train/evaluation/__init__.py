"""How well a model foretells documents, as figures."""
