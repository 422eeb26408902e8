"""Captures that nobody waits for on the line: taken, worked on, announced; drops and manifests."""
