"""From nothing to a service that recognises a face: what the machine must offer, home, steps."""
