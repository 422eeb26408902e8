"""The parts of a page that steps use: the session, its requests, user agents and URL patterns."""
