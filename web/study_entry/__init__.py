"""The forms beside a subject's record: of the study, its accounts, its data cuts and its re-checks."""
