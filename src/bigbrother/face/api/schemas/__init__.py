"""What goes over the wire: request bodies are strict, answers are built from records."""
