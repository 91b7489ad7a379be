"""From image bytes to faces: decode, detect, align, embed, quality. No database, no HTTP."""
