"""Wallets: how a customer's credit pays the invoices that are issued, the oldest first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID


class WalletKey(NamedTuple):
    """Whose credit it is: a customer's, with a billing entity, in a currency."""

    customer_id: UUID
    billing_entity_id: UUID
    currency: str


def paid_from(balances: Mapping[WalletKey, int], due: Sequence[tuple[WalletKey, int]]) -> list[int]:
    """What each amount that is due is paid from the wallets; no wallet goes below zero."""
    left = dict(balances)
    paid = []
    for key, minor in due:
        used = max(min(left.get(key, 0), minor), 0)
        if used:
            left[key] -= used
        paid.append(used)
    return paid
