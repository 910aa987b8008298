"""Wallets: how a customer's credit, grant by grant, pays the invoices that are issued."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

PAID = "paid"
"""Credit that a customer paid for, or that was taken back from an invoice: the customer's money."""

GIVEN = "given"
"""Credit that the merchant gives; it costs when it is used, and nothing when it expires."""


class WalletKey(NamedTuple):
    """Whose credit it is: a customer's, with a billing entity, in a currency."""

    customer_id: UUID
    billing_entity_id: UUID
    currency: str


class Grant(Struct, frozen=True, gc=False):
    """An amount of credit with its rules; `expires_on` is the last day on which it can be used.

    A lower `priority` is used first. Without `valid_from` it can be used at once. `left_minor` is
    what is left of `amount_minor`. What is given `before_tax` comes off an invoice's lines before
    its VAT, as a discount does; the other pays the invoice.
    """

    id: UUID
    key: WalletKey
    kind: str
    priority: int
    valid_from: date | None
    expires_on: date | None
    created_at: datetime
    left_minor: int
    amount_minor: int = 0
    before_tax: bool = False

    def is_usable(self, on: date) -> bool:
        """Whether something is left that an invoice of a day may be paid with."""
        return (
            self.left_minor > 0
            and (self.valid_from is None or self.valid_from <= on)
            and (self.expires_on is None or on <= self.expires_on)
        )


class Due(NamedTuple):
    """An amount that a wallet may pay, and the date of its invoice."""

    key: WalletKey
    amount_minor: int
    on: date


class Used(NamedTuple):
    """What is taken of a grant."""

    grant: Grant
    amount_minor: int


def in_order(grants: Iterable[Grant]) -> list[Grant]:
    """Grants as they are used: by priority, what expires first, then the oldest."""
    return sorted(
        grants,
        key=lambda one: (one.priority, one.expires_on or date.max, one.created_at, one.id),
    )


def paid_from(grants: Iterable[Grant], due: Sequence[Due]) -> list[tuple[Used, ...]]:
    """What each amount that is due is paid with; no grant gives more than is left of it."""
    wallets: dict[WalletKey, list[Grant]] = {}
    for grant in in_order(grants):
        wallets.setdefault(grant.key, []).append(grant)
    left = {grant.id: grant.left_minor for own in wallets.values() for grant in own}
    return [_paid(wallets.get(one.key, ()), one, left) for one in due]


def gives_back(kept_minor: int, given_used_minor: int, given_back_minor: int) -> int:
    """How much of what a credit note keeps is credit given, because the invoice was paid with it.

    What was given comes back as given, before what was paid comes back as paid: it never turns into
    money. `given_back_minor` is what earlier credit notes on the invoice gave back.
    """
    return max(0, min(kept_minor, given_used_minor - given_back_minor))


def _paid(grants: Iterable[Grant], due: Due, left: dict[UUID, int]) -> tuple[Used, ...]:
    missing, parts = due.amount_minor, []
    for grant in grants:
        part = min(left[grant.id], missing)
        if part > 0 and grant.is_usable(due.on):
            left[grant.id] -= part
            missing -= part
            parts.append(Used(grant, part))
    return tuple(parts)
