"""Compiled loops, one formula a file; none calls a kernel of another file."""
