"""Doses in structures: pure arithmetic on arrays in mm, Gy and cc; knows no file, no patient, no database."""
