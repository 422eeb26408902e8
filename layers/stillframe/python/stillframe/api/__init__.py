"""The HTTP API: one FastAPI application, served by uvicorn locally and through Mangum on Lambda."""
