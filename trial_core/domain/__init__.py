"""What the trial decides by: protocol, criteria, verdicts, subjects, the report. No framework, no file."""
