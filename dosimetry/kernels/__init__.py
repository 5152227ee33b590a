"""Compiled loops, one formula a file."""
