"""Statistics of the trial: arrays and numbers in, estimates out; no database, file or screen."""
