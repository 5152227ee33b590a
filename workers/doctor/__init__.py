"""Whether everything that an installation needs is there and well, in words."""
