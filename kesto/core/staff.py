"""Staff of a merchant: what each role may do in the office."""

from collections.abc import Mapping
from typing import Literal

from kesto.core.refusals import Invalid

Role = Literal["owner", "finance", "service", "developer"]
State = Literal["invited", "active", "disabled"]
Right = Literal[
    "customers",  # see customers and their invoices
    "serve",  # see the portal with a customer's eyes, say what became of a message
    "credit",  # credit an invoice; service up to a limit
    "catalogue",  # see what is sold, and for how much
    "publish",  # publish plans, add-ons, coupons, meters and features
    "write_off",  # give up an invoice that will not be paid
    "invoice",  # write an invoice by hand
    "money",  # see billing runs, the bank's payments and the books
    "bill",  # start a run, release what it set aside
    "match",  # bring in a bank file, say what a payment is for
    "close",  # close a month
    "settings",  # see settings
    "change_settings",
    "keys",  # make and revoke keys of the API
    "users",  # invite, change and disable staff
    "style",  # the living style page
]

_OWNER: frozenset[Right] = frozenset(
    (
        *("customers", "serve", "credit", "write_off", "invoice"),
        *("catalogue", "publish", "money", "bill", "match", "close"),
        *("settings", "change_settings", "keys", "users", "style"),
    )
)
_FINANCE: frozenset[Right] = frozenset(
    (
        *("customers", "serve", "credit", "write_off", "invoice"),
        *("catalogue", "publish", "money", "bill", "match", "close", "settings"),
    )
)
RIGHTS: Mapping[Role, frozenset[Right]] = {
    "owner": _OWNER,
    "finance": _FINANCE,
    "service": frozenset(("customers", "serve", "credit", "catalogue")),
    "developer": frozenset(("customers", "money", "settings", "keys", "style", "catalogue")),
}
ROLES: tuple[Role, ...] = tuple(RIGHTS)
MOVES_MONEY: frozenset[Role] = frozenset(("owner", "finance"))
"""Roles that need a second factor to sign in."""

CREDITS_UP_TO_A_LIMIT: frozenset[Role] = frozenset(("service",))


def known_role(text: str) -> Role:
    """A role by its word. Raises Invalid."""
    for role in ROLES:
        if role == text:
            return role
    raise Invalid(
        f"{text!r} is no role; choose one of {', '.join(ROLES)}", code="unknown_role", field="role"
    )


def may(role: Role, right: Right) -> bool:
    """Whether a role has a right."""
    return right in RIGHTS[role]


def needs_second_factor(role: Role, mode: str) -> bool:
    """Whether a code beside the password is a must: for who moves a live merchant's money."""
    return role in MOVES_MONEY and mode == "live"
