"""Laws of wallets: never below zero, never more than is due, and nothing kept back."""

from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kesto.core.wallets import WalletKey, paid_from

keys = st.sampled_from([WalletKey(UUID(int=n), UUID(int=9), "EUR") for n in range(3)])
minors = st.integers(0, 10_000)


@given(st.dictionaries(keys, minors), st.lists(st.tuples(keys, minors)))
def test_credit_is_used_once_and_the_oldest_invoice_is_paid_first(
    balances: dict[WalletKey, int], due: list[tuple[WalletKey, int]]
) -> None:
    paid = paid_from(balances, due)
    assert all(0 <= used <= minor for used, (_, minor) in zip(paid, due, strict=True))
    for key, balance in balances.items():
        own = [(used, minor) for used, (of, minor) in zip(paid, due, strict=True) if of == key]
        asked = sum(minor for _, minor in own)
        assert sum(used for used, _ in own) == min(balance, asked)
        # After the first invoice that is not paid in full nothing is left for the later ones.
        for earlier, later in pairwise(own):
            assert earlier[0] == earlier[1] or later[0] == 0
    assert all(used == 0 for used, (of, _) in zip(paid, due, strict=True) if of not in balances)
