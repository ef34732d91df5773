"""The training configuration: its keys, how they are read, checked, made consistent and explained."""
