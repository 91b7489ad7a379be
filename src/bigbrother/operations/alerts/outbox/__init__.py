"""Messages on their way: written down first, then sent, until they arrive or are given up."""
