"""The steps that every article goes through, a file each, in the order of `settings.ITEM_PIPELINES`."""
