"""Protocols as data, and the reader that refuses a wrong one with the line it is wrong in."""
