"""From sections to a solid: what lies between two planes and past the last one."""
