from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kesto.core.calendar import Interval
from kesto.core.cancellation import (
    Contract,
    Covers,
    Ending,
    FixedTerm,
    NoticeLimit,
    OpenEnded,
    cancel,
    is_covered,
    last_day_of,
)
from kesto.core.refusals import Invalid
from tests.refused import refused

MONTH, YEAR, THIRTY_DAYS = Interval("month"), Interval("year"), Interval("day", 30)
THREE_MONTHS = Interval("month", 3)
YEAR_END = date(2026, 12, 31)


def limit(covers: Covers, longest: Interval) -> NoticeLimit:
    return NoticeLimit(covers, longest, "FI", date(2018, 1, 1), "a source")


DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
UNITS = st.sampled_from(["day", "week", "month", "year"])
INTERVALS = st.builds(Interval, UNITS, st.integers(1, 40))
TERMS = st.one_of(
    st.builds(OpenEnded, st.none() | DAYS),
    st.builds(
        FixedTerm,
        DAYS,
        st.sampled_from(["none", "open_ended"]) | INTERVALS,
        st.sampled_from([0, 29, 31]),
    ),
)
COVERS: tuple[Covers, ...] = ("open_ended", "renewed")
LIMITS = st.lists(st.builds(limit, st.sampled_from(COVERS), INTERVALS), max_size=2)
NOTICES = st.none() | INTERVALS


def ended(contract: Contract, notice_on: date, limits: list[NoticeLimit]) -> Ending:
    try:
        return cancel(contract, notice_on, limits)
    except Invalid as error:
        assume(error.code != "already_ended")
        raise


@pytest.mark.parametrize(
    ("notice", "notice_on", "last_on"),
    [
        (None, date(2026, 6, 1), date(2026, 6, 1)),
        (Interval("day"), date(2026, 6, 1), date(2026, 6, 2)),
        (THIRTY_DAYS, date(2026, 6, 1), date(2026, 7, 1)),
        (THIRTY_DAYS, date(2028, 2, 1), date(2028, 3, 2)),
        (Interval("week", 2), date(2026, 12, 24), date(2027, 1, 7)),
        (MONTH, date(2026, 1, 31), date(2026, 2, 28)),
        (MONTH, date(2028, 1, 31), date(2028, 2, 29)),
        (MONTH, date(2026, 2, 28), date(2026, 3, 28)),
        (Interval("month", 6), date(2026, 8, 31), date(2027, 2, 28)),
        (YEAR, date(2028, 2, 29), date(2029, 2, 28)),
    ],
)
def test_an_open_ended_contract_ends_with_its_notice(
    notice: Interval | None, notice_on: date, last_on: date
) -> None:
    ending = cancel(Contract(OpenEnded(), notice), notice_on)
    assert ending.last_on == ending.notice_ends_on == last_on
    assert ending.rule == ("no_notice" if notice is None else "contract_notice")


@pytest.mark.parametrize(
    ("notice_on", "last_on", "rule"),
    [
        (date(2026, 6, 1), YEAR_END, "minimum_period"),
        (date(2026, 11, 30), YEAR_END, "minimum_period"),
        (date(2026, 12, 1), date(2027, 1, 1), "contract_notice"),
        (date(2027, 3, 1), date(2027, 4, 1), "contract_notice"),
    ],
)
def test_a_minimum_period_is_respected(notice_on: date, last_on: date, rule: str) -> None:
    ending = cancel(Contract(OpenEnded(YEAR_END), MONTH), notice_on)
    assert (ending.last_on, ending.rule, ending.bound_until) == (last_on, rule, YEAR_END)


def test_a_fixed_term_ends_with_its_term_and_takes_no_notice_after_it() -> None:
    contract = Contract(FixedTerm(YEAR_END), MONTH)
    for notice_on in (date(2026, 1, 1), date(2026, 12, 20), YEAR_END):
        ending = cancel(contract, notice_on)
        assert (ending.last_on, ending.rule) == (YEAR_END, "fixed_term")
    with pytest.raises(Invalid) as caught:
        cancel(contract, date(2027, 1, 1))
    assert (caught.value.code, caught.value.field) == ("already_ended", "notice_on")


@pytest.mark.parametrize(
    ("notice_on", "last_on", "rule"),
    [
        (date(2026, 11, 30), YEAR_END, "fixed_term"),
        (date(2026, 12, 1), date(2027, 12, 31), "renewed_term"),
        (date(2027, 11, 30), date(2027, 12, 31), "renewed_term"),
        (date(2027, 12, 1), date(2028, 12, 31), "renewed_term"),
    ],
)
def test_a_late_notice_is_for_the_end_of_the_renewed_term(
    notice_on: date, last_on: date, rule: str
) -> None:
    ending = cancel(Contract(FixedTerm(YEAR_END, YEAR), MONTH), notice_on)
    assert (ending.last_on, ending.rule) == (last_on, rule)


@pytest.mark.parametrize(
    ("notice_on", "last_on"),
    [
        (date(2025, 2, 27), date(2025, 2, 27)),
        (date(2025, 2, 28), date(2025, 3, 30)),
        (date(2025, 3, 31), date(2025, 4, 29)),
        (date(2025, 4, 30), date(2025, 5, 30)),
    ],
)
def test_renewed_terms_return_to_their_day_after_a_short_month(
    notice_on: date, last_on: date
) -> None:
    first = last_day_of(date(2025, 1, 31), MONTH)
    assert first == date(2025, 2, 27)
    assert cancel(Contract(FixedTerm(first, MONTH, 31)), notice_on).last_on == last_on


@pytest.mark.parametrize(
    ("start", "length", "last_on"),
    [
        (date(2026, 1, 1), YEAR, YEAR_END),
        (date(2028, 2, 29), YEAR, date(2029, 2, 27)),
        (date(2027, 2, 28), YEAR, date(2028, 2, 27)),
        (date(2027, 3, 1), YEAR, date(2028, 2, 29)),
        (date(2026, 8, 31), Interval("month", 6), date(2027, 2, 27)),
        (date(2026, 1, 1), Interval("week"), date(2026, 1, 7)),
    ],
)
def test_the_last_day_of_a_length(start: date, length: Interval, last_on: date) -> None:
    assert last_day_of(start, length) == last_on


@pytest.mark.parametrize(
    ("contract", "notice_on", "last_on", "rule"),
    [
        (Contract(OpenEnded(), THREE_MONTHS), date(2026, 6, 1), date(2026, 7, 1), "law"),
        (Contract(OpenEnded(), MONTH), date(2026, 1, 1), date(2026, 1, 31), "law"),
        (Contract(OpenEnded(), MONTH), date(2026, 6, 1), date(2026, 7, 1), "contract_notice"),
        (Contract(OpenEnded(), None), date(2026, 6, 1), date(2026, 6, 1), "no_notice"),
        (Contract(OpenEnded(YEAR_END), YEAR), date(2026, 6, 1), YEAR_END, "law"),
        (Contract(OpenEnded(YEAR_END), MONTH), date(2026, 6, 1), YEAR_END, "minimum_period"),
        (Contract(FixedTerm(YEAR_END), YEAR), date(2026, 6, 1), YEAR_END, "fixed_term"),
        (Contract(FixedTerm(YEAR_END, "open_ended"), YEAR), date(2026, 6, 1), YEAR_END, "law"),
        (Contract(FixedTerm(YEAR_END, YEAR), MONTH), YEAR_END, date(2027, 12, 31), "renewed_term"),
    ],
)
def test_the_law_beats_a_longer_notice_of_an_open_ended_contract(
    contract: Contract, notice_on: date, last_on: date, rule: str
) -> None:
    ending = cancel(contract, notice_on, [limit("open_ended", THIRTY_DAYS)])
    assert (ending.last_on, ending.rule.replace("statutory_notice", "law")) == (last_on, rule)
    assert (ending.limit is not None) == (rule == "law")


@pytest.mark.parametrize(
    ("contract", "notice_on", "last_on", "rule"),
    [
        (Contract(FixedTerm(YEAR_END, YEAR), THREE_MONTHS), date(2026, 9, 1), YEAR_END, "fixed"),
        (Contract(FixedTerm(YEAR_END, YEAR), THREE_MONTHS), date(2026, 11, 1), YEAR_END, "law"),
        (Contract(FixedTerm(YEAR_END, YEAR)), date(2027, 1, 31), date(2027, 2, 28), "law"),
        (Contract(FixedTerm(YEAR_END, MONTH)), date(2027, 1, 31), date(2027, 1, 31), "renewed"),
        (Contract(OpenEnded(), THREE_MONTHS), date(2026, 6, 1), date(2026, 9, 1), "contract"),
    ],
)
def test_the_law_beats_a_renewal_that_binds(
    contract: Contract, notice_on: date, last_on: date, rule: str
) -> None:
    ending = cancel(contract, notice_on, [limit("renewed", MONTH)])
    short = {"statutory_notice": "law"}.get(ending.rule, ending.rule.split("_")[0])
    assert (ending.last_on, short) == (last_on, rule)


@given(TERMS, NOTICES, LIMITS, DAYS, st.integers(0, 800))
def test_a_later_notice_never_ends_earlier(
    term: OpenEnded | FixedTerm,
    notice: Interval | None,
    limits: list[NoticeLimit],
    notice_on: date,
    later_days: int,
) -> None:
    contract = Contract(term, notice)
    later = ended(contract, notice_on + timedelta(days=later_days), limits)
    assert ended(contract, notice_on, limits).last_on <= later.last_on


@given(TERMS, NOTICES, LIMITS, DAYS)
def test_the_last_day_is_never_before_the_notice_nor_inside_what_binds(
    term: OpenEnded | FixedTerm,
    notice: Interval | None,
    limits: list[NoticeLimit],
    notice_on: date,
) -> None:
    ending = ended(Contract(term, notice), notice_on, limits)
    assert ending.last_on >= notice_on
    assert ending.bound_until is None or ending.last_on >= ending.bound_until


@given(TERMS, INTERVALS, st.integers(0, 40), LIMITS, DAYS)
def test_a_shorter_notice_never_ends_later(
    term: OpenEnded | FixedTerm,
    notice: Interval,
    less: int,
    limits: list[NoticeLimit],
    notice_on: date,
) -> None:
    left = notice.count - less
    shorter = Interval(notice.unit, left) if left > 0 else None
    ending = ended(Contract(term, shorter), notice_on, limits)
    assert ending.last_on <= ended(Contract(term, notice), notice_on, limits).last_on


@given(TERMS, NOTICES, LIMITS, DAYS)
def test_the_law_never_makes_a_contract_longer(
    term: OpenEnded | FixedTerm,
    notice: Interval | None,
    limits: list[NoticeLimit],
    notice_on: date,
) -> None:
    contract = Contract(term, notice)
    by_terms = ended(contract, notice_on, [])
    lawful = ended(contract, notice_on, limits)
    assert lawful.last_on <= by_terms.last_on
    assert (lawful == by_terms) == (lawful.limit is None)


NOTICE_ENDS = date(2027, 1, 20)


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        (OpenEnded(), Ending(NOTICE_ENDS, "contract_notice", NOTICE_ENDS)),
        (
            OpenEnded(date(2027, 2, 1)),
            Ending(date(2027, 2, 1), "minimum_period", NOTICE_ENDS, date(2027, 2, 1)),
        ),
        (OpenEnded(NOTICE_ENDS), Ending(NOTICE_ENDS, "contract_notice", NOTICE_ENDS, NOTICE_ENDS)),
        (FixedTerm(YEAR_END), Ending(YEAR_END, "fixed_term", NOTICE_ENDS, YEAR_END)),
        (
            FixedTerm(YEAR_END, "open_ended"),
            Ending(NOTICE_ENDS, "contract_notice", NOTICE_ENDS, YEAR_END),
        ),
        (
            FixedTerm(YEAR_END, YEAR),
            Ending(date(2027, 12, 31), "renewed_term", NOTICE_ENDS, YEAR_END),
        ),
    ],
)
def test_an_ending_says_what_it_was_decided_from(
    term: OpenEnded | FixedTerm, wanted: Ending
) -> None:
    assert cancel(Contract(term, MONTH), date(2026, 12, 20)) == wanted


def test_an_ending_by_law_names_the_law() -> None:
    law = limit("renewed", Interval("day", 10))
    contract = Contract(FixedTerm(YEAR_END, YEAR), MONTH)
    ends_on = date(2027, 2, 11)
    assert cancel(contract, date(2027, 2, 1), [law]) == Ending(
        ends_on, "statutory_notice", ends_on, YEAR_END, law
    )


@pytest.mark.parametrize(
    ("term", "by"),
    [
        (OpenEnded(), ["open_ended"]),
        (FixedTerm(YEAR_END), []),
        (FixedTerm(YEAR_END, "open_ended"), ["open_ended", "renewed"]),
        (FixedTerm(YEAR_END, YEAR), ["renewed"]),
    ],
)
def test_a_limit_is_about_contracts_that_go_on(term: OpenEnded | FixedTerm, by: list[str]) -> None:
    assert [covers for covers in COVERS if is_covered(term, limit(covers, MONTH))] == by


def test_a_contract_that_ended_says_when() -> None:
    contract = Contract(FixedTerm(YEAR_END), MONTH)
    assert refused(Invalid, lambda: cancel(contract, date(2027, 1, 1))) == (
        "already_ended",
        "notice_on",
        "the contract ended by itself on 2026-12-31, before the notice",
    )
