"""Keeps one worker process alive beside the web server: start, watch, restart with patience, stop with it."""
