"""The looks of a diagnosis (section 3.2), a folder a group."""
