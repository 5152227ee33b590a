"""The work: Celery carries it, pipelines join imaging, dosimetry and trial_core."""
