"""An adapter as llama.cpp and Ollama take it: the merged model or the LoRA alone, in GGUF."""
