"""The trial: its protocol, subjects, plans and verdicts, the store they are kept in and the use cases on them."""
