"""Ratios against the floor measured in the same run, on real pages, with the pixels checked."""
