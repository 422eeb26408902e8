"""One flat request for every door: composed of the steps' own options, validated once."""

from .model import CaptureRequest
from .reading import from_strings, parse, parse_pairs

__all__ = ["CaptureRequest", "from_strings", "parse", "parse_pairs"]
