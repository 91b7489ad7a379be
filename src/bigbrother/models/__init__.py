"""Model packs: networks with their licence, checksums and measured thresholds."""
