"""The base model and its tokenizer: where they are, what shape they have, how they are loaded and computed with."""
