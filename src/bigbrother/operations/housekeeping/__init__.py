"""Section 1.2, cleaning and optimisation: what is over goes, what decays is mended."""
