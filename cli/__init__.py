"""The `dosegate` command: the second face."""
