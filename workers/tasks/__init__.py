"""Celery tasks: a few lines each; the work is in `workers.jobs`."""
