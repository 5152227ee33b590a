"""The trial: its protocol, subjects, plans, verdicts, the store that keeps them and the use cases on them."""
