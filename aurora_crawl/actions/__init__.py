"""What commands do when they run: a module for each, named after it, and what they share to print."""
