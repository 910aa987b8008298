"""Kesto: everything around the payment of a subscription, from price to proof."""

__version__ = "0.1.0"
