"""Many images at once: taken in whole, handed to workers in chunks, answered once each."""
