"""Pieces that more than one page shows: frame, verdict marks, tables, notices."""
