"""Facial micro-expressions and masked expressions: from a recording to a timeline that can be believed."""

__version__ = "0.1.0"
