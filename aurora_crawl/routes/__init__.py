"""The ways to find a site's articles, a class each."""
