"""What a training run will be, before it is one."""
