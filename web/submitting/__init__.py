"""A set of files on its way in: sent, looked at before it is submitted, and said whose it is."""
