"""Sums of plans, physical and EQD2: at points, voxel by voxel, deformed, with the registration's uncertainty."""
