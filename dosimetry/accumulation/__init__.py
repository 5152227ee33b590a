"""Sums of plans, physical and EQD2: at points, by voxels, deformed, allowing for the registration."""
