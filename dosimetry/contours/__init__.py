"""Contours of one structure, in their planes: parts, holes, gaps, and pieces that lie apart."""
