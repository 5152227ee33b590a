"""The web application under load: many subjects, many plans, many people at once, against a real server."""
