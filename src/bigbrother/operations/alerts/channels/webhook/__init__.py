"""A POST of JSON to an address of the operator."""
