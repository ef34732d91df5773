"""What a run and what follows it will need of a loaded model, tried on it before the first step."""
