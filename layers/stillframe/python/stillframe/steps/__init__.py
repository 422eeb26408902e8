"""The steps of a capture: each module declares its options and holds the code that carries them out."""
