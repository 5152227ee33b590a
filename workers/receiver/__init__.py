"""The DICOM listener: objects of registered systems, to disk and record; pynetdicom is named here alone."""
