"""One module a step of the schema, never edited once released."""
