"""Drops: captures of the objects that are written to the input bucket."""
