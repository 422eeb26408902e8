"""The command line: `stillframe capture | batch | serve | sign`."""
