"""Handling of the queue's messages, on Lambda and in the local server."""
