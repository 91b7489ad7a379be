"""The programs of the product, named after the units that run them."""
