"""Wrongs of credit that a superuser plants, and what verify must call them."""

from tests.contracts.planted import Wrong, at

CREDIT = (
    Wrong(
        "a grant of which more is used than it paid",
        at("credit_grant", "used_minor = used_minor + 1", "left_minor > 0"),
        ("P5", "P7"),
    ),
    Wrong(
        "a payout of more than was taken",
        at("payout", "amount_minor = amount_minor + 1", "true"),
        ("P2", "P7", "L9"),
    ),
    Wrong(
        "credit granted out of nothing",
        at("credit_grant", "amount_minor = amount_minor + 1", "kind = 'paid'"),
        ("P5",),
    ),
)
