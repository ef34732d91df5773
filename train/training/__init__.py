"""The run itself: arguments of the Trainer, checkpoints, progress, beginning and end."""
