"""The gamma index of one dose against another."""
