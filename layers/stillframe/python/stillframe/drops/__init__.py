"""Captures of objects that are dropped into the input bucket."""
