"""The routes, listed in `api.app`."""
