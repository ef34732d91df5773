"""Brazilian news and political sites as clean Portuguese text."""

__version__ = "0.1.0"
