"""The HTTP door: FastAPI, the same application under uvicorn and, through Mangum, on Lambda."""
