"""The forms of a subject's record: a module for each room of the trial core, each listing its `ENTRIES`."""
