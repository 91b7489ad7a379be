"""One Protocol per outside thing; each has an adapter file of the same name."""
