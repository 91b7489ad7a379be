"""What checks say, in Brazilian Portuguese; the key is the English template."""

SENTENCES: dict[str, str] = {}
