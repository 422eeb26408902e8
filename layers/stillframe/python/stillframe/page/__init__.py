"""What the steps use of a page: the session, its requests, user agents and URL patterns."""
