"""DICOM in and out: untrusted files to linked plans of one patient, with findings."""
