"""The verbs of a capture: each module declares its options and holds the code that obeys them."""
