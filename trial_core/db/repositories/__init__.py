"""Every query of the record, one module an aggregate; a repository never commits."""
