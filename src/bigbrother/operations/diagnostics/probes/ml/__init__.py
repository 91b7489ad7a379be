"""Section 3.2, `ml`: whether the model is the right one and answers right. One probe a file."""
