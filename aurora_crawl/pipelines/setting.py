"""What is wrong with a setting."""


class SettingError(ValueError):
    """A setting has a value that cannot be used; the message names both."""
