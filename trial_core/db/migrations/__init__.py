"""Alembic's scripts; `trial_core.db.migrate` runs them, also from an installed wheel."""
