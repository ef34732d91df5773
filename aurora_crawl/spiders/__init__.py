"""The sites, a file each."""
