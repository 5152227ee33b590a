"""Plain functions that join imaging, dosimetry and trial_core; they run without Celery or a database."""
