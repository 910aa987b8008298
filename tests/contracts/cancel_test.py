"""Operation cancel as other programs meet it: answers in full, refusals by name."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.calculate import answer_lines, calculate

Request = dict[str, object]

CONTRACT: Request = {
    "start": "2026-01-01",
    "notice": {"interval": "month", "interval_count": 3},
    "country": "FI",
    "consumer": True,
}
YEAR: Request = {"interval": "year"}
NAMES = [
    *("start", "term", "minimum", "notice", "renewals", "country", "consumer", "kind"),
    *("last_day", "interval", "interval_count"),
]


def cancelled(more: Request, notice_on: object = "2026-06-01") -> Request:
    return calculate({"op": "cancel", "contract": CONTRACT | more, "notice_on": notice_on})


def test_a_cancellation_is_answered_in_full() -> None:
    assert cancelled({"minimum": {"last_day": "2026-03-31"}}) == {
        "last_day": "2026-07-01",
        "rule": "statutory_notice",
        "reason": (
            "The law of FI holds a consumer to a notice of 30 days at most, so the contract ends "
            "on 2026-07-01, earlier than agreed."
        ),
        "data": {
            "notice_ends": "2026-07-01",
            "bound_until": "2026-03-31",
            "statutory": {
                "country": "FI",
                "interval": "day",
                "interval_count": 30,
                "valid_from": "2018-01-01",
                "source": (
                    "kkv.fi, decisions KKV/72/14.08.01.05/2018 (A-lehdet) "
                    "and KKV/70/14.08.01.05/2018 (Otavamedia)"
                ),
            },
        },
    }


@pytest.mark.parametrize(
    ("more", "rule", "reason"),
    [
        ({"notice": None}, "no_notice", "No notice was agreed"),
        ({"consumer": False}, "contract_notice", "notice of 3 months ends on 2026-09-01."),
        ({"consumer": False, "country": None}, "contract_notice", "2026-09-01."),
        ({"minimum": YEAR}, "minimum_period", "binds until 2026-12-31"),
        ({"minimum": YEAR, "notice": None}, "minimum_period", "binds until 2026-12-31"),
        ({"kind": "telephone"}, "statutory_notice", "14 days"),
        ({"term": "open_ended"}, "statutory_notice", "30 days"),
        ({"term": YEAR, "consumer": False}, "fixed_term", "fixed until 2026-12-31"),
        (
            {"term": {"last_day": "2026-07-15"}, "renewals": YEAR, "consumer": False},
            "renewed_term",
            "on 2026-07-15; the renewed term in which the notice ends runs until 2027-07-15.",
        ),
        ({"country": "SE"}, "contract_notice_law_unknown", "known here for SE"),
        ({"country": "XX"}, "contract_notice_law_unknown", "known here for XX"),
        ({"country": "DE"}, "contract_notice_law_unknown", "known here for DE"),
        ({"term": YEAR}, "fixed_term_law_unknown", "contract's terms alone"),
    ],
)
def test_the_rule_that_decided_is_named_and_explained(
    more: Request, rule: str, reason: str
) -> None:
    answer = cancelled(more)
    assert answer["rule"] == rule
    assert reason in str(answer["reason"])


def test_an_instant_means_its_day_in_the_zone() -> None:
    request = {"op": "cancel", "contract": CONTRACT, "notice_on": "2026-05-31T22:30:00Z"}
    assert calculate(request)["last_day"] == "2026-06-30"
    assert calculate(request | {"zone": "Europe/Helsinki"})["last_day"] == "2026-07-01"


@pytest.mark.parametrize(
    ("more", "code", "named"),
    [
        ({"start": None}, "missing", "contract.start"),
        ({"consumer": None}, "missing", "contract.consumer"),
        ({"consumer": "yes"}, "bad_flag", "contract.consumer"),
        ({"country": None}, "missing", "contract.country"),
        ({"country": "fi"}, "bad_country", "contract.country"),
        ({"kind": "gym"}, "bad_choice", "contract.kind"),
        ({"notise": YEAR}, "unknown_field", "contract.notise"),
        ({"notice": "month"}, "not_an_object", "contract.notice"),
        ({"notice": {"interval": "moon"}}, "bad_choice", "contract.notice.interval"),
        ({"notice": YEAR | {"interval_count": 0}}, "bad_count", "contract.notice.interval_count"),
        ({"notice": YEAR | {"interval_count": 1001}}, "bad_interval", "notice.interval_count"),
        ({"notice": YEAR | {"days": 3}}, "unknown_field", "contract.notice.days"),
        ({"term": "long"}, "not_an_object", "contract.term"),
        ({"term": {}}, "missing", "contract.term.last_day"),
        ({"term": YEAR | {"last_day": "2026-12-31"}}, "unknown_field", "contract.term.interval"),
        ({"term": {"last_day": "2025-12-31"}}, "ends_before_start", "contract.term.last_day"),
        ({"term": YEAR, "minimum": YEAR}, "contradiction", "contract.minimum"),
        ({"renewals": "open_ended"}, "contradiction", "contract.renewals"),
        ({"term": YEAR, "renewals": "sometimes"}, "bad_choice", "contract.renewals"),
        ({"term": YEAR, "renewals": 12}, "not_an_object", "contract.renewals"),
        ({"term": {"last_day": "2026-05-31"}}, "already_ended", "notice_on"),
        (
            {"minimum": {"interval": "year", "interval_count": 1000}, "start": "9000-01-01"},
            "out_of_range",
            "9999",
        ),
    ],
)
def test_what_cannot_be_computed_says_why(more: Request, code: str, named: str) -> None:
    error = cancelled(more)["error"]
    assert isinstance(error, dict)
    assert error["code"] == code
    assert named in error["detail"]


@given(
    st.sampled_from([{}, {"term": YEAR}, {"term": YEAR, "renewals": YEAR}, {"minimum": YEAR}]),
    st.sampled_from(NAMES),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=3)
        | st.sampled_from(["month", "open_ended", "none", "SE", "9999-12-31", "0001-01-01"]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner),
        max_leaves=4,
    ),
)
def test_whatever_comes_in_is_answered(more: Request, name: str, value: object) -> None:
    request = {
        "op": "cancel",
        "contract": CONTRACT | more | {name: value},
        "notice_on": "2026-06-01",
    }
    (answer,) = answer_lines([msgspec.json.encode(request)])
    assert json.loads(msgspec.json.encode(answer)) == answer
