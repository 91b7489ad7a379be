"""Figures over time, in ops.db: as they came for a while, then their rollups."""
