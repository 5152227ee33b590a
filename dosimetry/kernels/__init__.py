"""Compiled loops, one formula a file; no kernel calls a kernel of another file (the JIT cache would not see an edit)."""
