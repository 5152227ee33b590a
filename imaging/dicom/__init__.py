"""One module per DICOM object: a dataset becomes a frozen dataclass of plain facts, with findings."""
