"""How right the model is: where labelled faces come from, and what they prove."""
