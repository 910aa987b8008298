"""The product's own front for one program that asks without end: no key is told to wait."""

from kesto.api import limits
from kesto.ops.front import front

limits.BURST = 10**9

__all__ = ["front"]
