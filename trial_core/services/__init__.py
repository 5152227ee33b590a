"""Use cases: one verb each, one transaction, one audit entry; only these modules commit."""
