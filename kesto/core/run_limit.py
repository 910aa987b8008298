"""Limits of a billing run: which run somebody approves first, and when an approval still counts."""

from msgspec import Struct

CHANGE_PERCENT = 1
"""An approved run may come to so much more or less than what was shown."""


class RunSize(Struct, frozen=True):
    """What a run comes to: invoices, and their sum in minor units."""

    invoices: int
    total_minor: int


class RunLimit(Struct, frozen=True):
    """What a run may come to without being approved; None sets no limit."""

    invoices: int | None = None
    total_minor: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether any run may have to be approved."""
        return self.invoices is not None or self.total_minor is not None

    def is_exceeded(self, size: RunSize) -> bool:
        """Whether a run is above the limit; one that comes up to it is not."""
        is_many = self.invoices is not None and size.invoices > self.invoices
        return is_many or (self.total_minor is not None and size.total_minor > self.total_minor)


def has_changed(approved: RunSize, now: RunSize) -> bool:
    """Whether a run differs from what was approved by more than one percent, in either figure."""
    return _differs(approved.invoices, now.invoices) or _differs(
        approved.total_minor, now.total_minor
    )


def _differs(before: int, now: int) -> bool:
    return abs(now - before) * 100 > abs(before) * CHANGE_PERCENT
