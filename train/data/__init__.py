"""From documents to packed rows."""
