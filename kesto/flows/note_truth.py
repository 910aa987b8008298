"""Note the truth: what the demo's payments really are for, kept where no matching looks."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from kesto.store import demo
from kesto.store.session import writing


class Truth(Protocol):
    """What a payment really is for."""

    @property
    def entry_key(self) -> str:
        """The key of the bank's entry."""

    @property
    def reference(self) -> str | None:
        """The invoice's reference, None for a stranger's payment."""

    @property
    def amount_minor(self) -> int:
        """The sum."""

    @property
    def flaw(self) -> str | None:
        """What the bank did to it."""


def note_truth(merchant_id: UUID, truth: Sequence[Truth]) -> None:
    """Keep the truth once."""
    rows = [(one.entry_key, one.reference, one.amount_minor, one.flaw) for one in truth]
    if rows:
        with writing(merchant_id) as session:
            demo.keep_truth(session, rows)
