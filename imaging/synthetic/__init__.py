"""Arrays in, valid DICOM out: a whole synthetic course for the demo and the tests."""
