"""The report of a checked course as a document for people: HTML."""
