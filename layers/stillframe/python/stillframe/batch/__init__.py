"""Many captures from one manifest: on this machine, or as jobs."""
