"""Points in a region: where they are put, which reading each belongs to, and the doses read there."""
