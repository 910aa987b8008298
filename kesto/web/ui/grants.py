"""A customer's credit on a page: each grant with what is left, until when, and what it paid."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext
from msgspec import Struct

from kesto.store.grants import Granted, UsedOn
from kesto.web.ui.language import words_language
from kesto.words import forms


class GrantUse(Struct, frozen=True):
    """An invoice that a grant paid, or a part of it."""

    number: str
    on: str
    sum: str


class GrantRow(Struct, frozen=True):
    """A grant as a row of a table."""

    name: str
    note: str
    left: str
    amount: str
    is_left: bool
    uses: Sequence[GrantUse]


def grant_rows(grants: Sequence[Granted], uses: Sequence[UsedOn]) -> list[GrantRow]:
    """The rows of grants, in their order."""
    return [_row(one, [use for use in uses if use.grant_id == one.id]) for one in grants]


def until_when(valid_from: date | None, expires_on: date | None) -> str:
    """When credit can be used: "10 Jan 2027 – 31 Mar 2027", or that it never expires."""
    language = words_language()
    if expires_on is None:
        if valid_from is None:
            return gettext("Never expires")
        return gettext("From %(day)s on") % {"day": forms.day(valid_from, language)}
    until = {"day": forms.day(expires_on, language)}
    if valid_from is None:
        return gettext("Until %(day)s") % until
    return gettext("From %(first)s until %(day)s") % {
        "first": forms.day(valid_from, language),
        **until,
    }


def _row(one: Granted, uses: Sequence[UsedOn]) -> GrantRow:
    language = words_language()

    def money(minor: int) -> str:
        return forms.amount(minor, one.currency, language)

    note = until_when(one.valid_from, one.expires_on)
    if one.expired_minor:
        note = gettext("%(sum)s expired on %(day)s") % {
            "sum": money(one.expired_minor),
            "day": forms.day(one.expires_on or one.created_at.date(), language),
        }
    if one.before_tax:
        note = f"{note} · {gettext('Comes off before VAT')}"
    return GrantRow(
        one.reason or _origin(one.origin),
        note,
        money(one.left_minor),
        money(one.amount_minor),
        one.left_minor > 0,
        [
            GrantUse(use.number, forms.day(use.invoice_on, language), money(use.amount_minor))
            for use in uses
        ],
    )


def _origin(origin: str) -> str:
    texts = {
        "overpayment": gettext("Paid too much"),
        "credit_note": gettext("From a credit note"),
        "balance": gettext("Credit from before"),
    }
    return texts.get(origin, origin)
