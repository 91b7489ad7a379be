"""One module a step of the schema, with its SQL beside it."""
