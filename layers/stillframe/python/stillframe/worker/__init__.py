"""Handles the messages of the queue, on Lambda and in the local server."""
