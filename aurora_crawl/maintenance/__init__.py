"""What needs several rooms at once: reading again, forgetting, derived copies."""
