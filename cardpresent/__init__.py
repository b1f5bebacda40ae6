"""Certifies that a point of sale takes in-person card payments correctly with Stripe Terminal."""

__version__ = "0.1.0"
