"""The report of a checked course to print and to file: PDF, A4, the same bytes for the same record."""
