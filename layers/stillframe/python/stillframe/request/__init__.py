"""The capture request: one flat set of options, composed of the options of every step, validated once."""

from .model import CaptureRequest
from .reading import from_strings, parse, parse_pairs

__all__ = ["CaptureRequest", "from_strings", "parse", "parse_pairs"]
