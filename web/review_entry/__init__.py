"""The forms of whoever reviews a case: review and decision, and a word on what a check left open."""
