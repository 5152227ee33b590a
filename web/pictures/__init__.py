"""Pictures of a case: kept arrays cut into slices, with outlines and dose on them."""
