"""Every code that the office may meet has its words."""

import re
from pathlib import Path
from typing import get_args

import pytest
from django.utils import translation

import kesto.core
import kesto.flows
from kesto.core import refusals
from kesto.core.api_keys import SCOPES
from kesto.core.customers import Channel, PaymentMethodKind
from kesto.core.ledger import (
    BAD_DEBT,
    BANK,
    CUSTOMER_CREDIT,
    GOODWILL,
    PAID_ELSEWHERE,
    PAYOUTS,
    RECEIVABLE,
    UNMATCHED,
    VAT_PAYABLE,
)
from kesto.core.matching import Reason
from kesto.core.staff import RIGHTS, ROLES
from kesto.flows.change_delivery import SECURITIES
from kesto.ops.home import Home
from kesto.store.office import customers, invoices
from kesto.web.office import words
from kesto.web.office.parked import cause_of
from kesto.web.office.refusals import TEXTS, WITHOUT_CODE, refusal_text
from kesto.web.ui import change_refusals

FLOWS = Path(kesto.flows.__file__).parent
CORE = Path(kesto.core.__file__ or "").parent
CHANGES = CORE / "changes"
# Flows that the office calls, and whose refusals it shows.
CALLED = (
    "accept_staff_link",
    "add_customers",
    "change_delivery",
    "change_password",
    "change_settings",
    "change_staff",
    "change_subscription",
    "close_month",
    "confirm_code",
    "credit",
    "give_credit",
    "invite_staff",
    "make_key",
    "match_payment",
    "pay_out",
    "portal_link",
    "preview_order",
    "propose_match",
    "publish_catalogue",
    "quote_change",
    "release",
    "resolve_message",
    "revoke_key",
    "show_subscription",
    "sign_in",
    "start_billing",
    "subscribe",
)
# A refusal that has no code of its own, with its field.
WITHOUT = re.compile(
    r"""(NotFound|Conflict|NotAllowed|Invalid)\(\s*(?:f?"[^"]*"\s*)+,\s*field="(\w+)",?\s*\)"""
)
# Refusals that no form of the office can lead to, or that have words of their own.
OTHERS = {"too_many_attempts", "bad_security"}


@pytest.fixture(autouse=True)
def _django(booted: Home) -> None:
    assert booted


def test_codes_have_words() -> None:
    assert set(words.WAITS_BECAUSE) == set(get_args(Reason))
    assert set(words.ROLES) == set(words.ROLE_NOTES) == set(ROLES)
    assert set(words.PAYMENT_METHODS) == set(get_args(PaymentMethodKind))
    assert set(words.CHANNELS) >= set(get_args(Channel))
    accounts = {BAD_DEBT, BANK, CUSTOMER_CREDIT, RECEIVABLE, UNMATCHED, VAT_PAYABLE}
    accounts |= {GOODWILL, PAID_ELSEWHERE, PAYOUTS}
    assert set(words.ACCOUNTS) == accounts
    assert set(words.CUSTOMER_FILTERS) == set(customers.FILTERS)
    assert set(words.INVOICE_FILTERS) == set(invoices.FILTERS)
    assert set(words.INVOICE_STATES) == set(words.INVOICE_TONES) == set(get_args(invoices.State))
    assert set(words.SECURITIES) == set(SECURITIES)
    assert set(RIGHTS) == set(ROLES)
    assert set(words.SCOPES) == set(SCOPES)


def test_every_refusal_of_a_flow_that_the_office_calls_has_words() -> None:
    codes = {
        code
        for name in CALLED
        for code in re.findall(r'code="([a-z_]+)"', (FLOWS / f"{name}.py").read_text("utf-8"))
    }
    assert codes - OTHERS <= set(TEXTS)


def test_every_refusal_of_a_change_has_words() -> None:
    rules = [file for file in CHANGES.glob("*.py") if not file.stem.endswith("_test")]
    files = [*rules, CORE / "life.py", CORE / "cancellation.py"]
    codes = {
        code for file in files for code in re.findall(r'code="([a-z_]+)"', file.read_text("utf-8"))
    }
    assert codes
    assert codes <= set(TEXTS)
    assert set(change_refusals.TEXTS) <= set(TEXTS)


def test_a_refusal_without_a_code_is_known_by_its_kind_and_field() -> None:
    found = {
        (getattr(refusals, kind).default_code, field)
        for name in CALLED
        for kind, field in WITHOUT.findall((FLOWS / f"{name}.py").read_text("utf-8"))
    }
    assert found
    assert found <= set(WITHOUT_CODE)
    with translation.override("fi"):
        settled = refusal_text(refusals.NotFound("no such transaction", field="transaction"))
        assert "kohdistanut" in settled
        assert "Lataa sivu uudelleen" in refusal_text(refusals.Conflict("odd", field="odd"))


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_why_a_group_was_set_aside_is_told_in_each_language(language: str) -> None:
    reasons = {
        "4490 minor units of EUR are more than the merchant's limit of 2000": True,
        "14 periods of one price would be billed at once; more than 13 need a person's word": True,
        "item 0192 is due twice for 2026-11-01": False,
        "billing failed: ValueError: odd": False,
        "something that a later version says": False,
    }
    with translation.override(language):
        for reason, may_accept in reasons.items():
            cause = cause_of(reason)
            assert cause.may_accept == may_accept
            assert cause.why
            assert cause.help
            assert "minor units" not in cause.why
