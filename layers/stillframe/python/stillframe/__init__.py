"""Stillframe: any URL or HTML to PNG, JPEG, WebP, PDF or HTML, through every door of AWS Lambda or on a laptop."""

__version__ = "0.1.0"
