"""Operation cancel: the last day of a contract after notice, the rule that decided, and why."""

import re
from datetime import date
from typing import Literal

from kesto.calculate.given import Answer, given_day, given_zone
from kesto.core.calendar import LONGEST_INTERVAL, MONTHS, Interval, Unit
from kesto.core.cancellation import (
    AfterTerm,
    CancellationRule,
    Contract,
    ContractKind,
    Ending,
    FixedTerm,
    NoticeLimit,
    OpenEnded,
    is_covered,
    last_day_of,
)
from kesto.core.cancellation import cancel as ending_after
from kesto.core.fields import Fields
from kesto.countries import notice_limits

COUNTRY = re.compile(r"[A-Z]{2}")
KINDS: tuple[ContractKind, ...] = ("general", "telephone")
UNITS: tuple[Unit, ...] = ("day", "week", "month", "year")
OPEN_ENDED: Literal["open_ended"] = "open_ended"
AFTER_TERM: tuple[AfterTerm, ...] = ("none", OPEN_ENDED)

REASONS: dict[CancellationRule, str] = {
    "no_notice": "No notice was agreed, so the contract ends on the day of the notice.",
    "contract_notice": "The agreed notice of {notice} ends on {last_on}.",
    "minimum_period": "The minimum period binds until {last_on}; the notice ends before it does.",
    "fixed_term": "The contract is fixed until {last_on} and ends with its term.",
    "renewed_term": (
        "The notice came too late for the end of the term on {bound_until}; the renewed term in "
        "which the notice ends runs until {last_on}."
    ),
    "statutory_notice": (
        "The law of {country} holds a consumer to a notice of {longest} at most, so the contract "
        "ends on {last_on}, earlier than agreed."
    ),
}
UNKNOWN_LAW = (
    " No consumer law on the notice of such a contract is known here for {country}: "
    "these are the contract's terms alone."
)


def cancel(fields: Fields) -> Answer:
    """Compute the last day of a contract by its terms and by the law for consumers."""
    zone = given_zone(fields)
    notice_on = given_day(fields, "notice_on", zone)
    given = fields.section("contract")
    fields.close()
    start = given_day(given, "start", zone)
    contract = Contract(_term(given, start, zone), _optional_interval(given, "notice"))
    given.require("consumer")
    is_consumer = given.flag("consumer", default=False)
    kind = given.choice("kind", KINDS, "general")
    country = _country(given, is_needed=is_consumer)
    given.close()
    limits: tuple[NoticeLimit, ...] = ()
    if is_consumer:
        limits = notice_limits(country, kind, start, notice_on)
    covering = [limit for limit in limits if is_covered(contract.term, limit)]
    ending = ending_after(contract, notice_on, covering)
    return _answer(ending, contract, country, is_known=bool(covering) or not is_consumer)


def _country(fields: Fields, *, is_needed: bool) -> str:
    if not is_needed and not fields.has("country"):
        return ""
    country = fields.text("country")
    if COUNTRY.fullmatch(country) is None:
        fields.refuse("bad_country", "country", "must be two capital letters, such as FI")
    return country


def _term(fields: Fields, start: date, zone: str) -> OpenEnded | FixedTerm:
    """Read what binds: nothing or a minimum period, or a fixed term and what comes after it."""
    term = fields.plain("term")
    if term is None or term == OPEN_ENDED:
        if fields.has("renewals"):
            fields.refuse("contradiction", "renewals", "is for a fixed term only")
        has_minimum = fields.has("minimum")
        return OpenEnded(_last_on(fields, "minimum", start, zone)[0] if has_minimum else None)
    if fields.has("minimum"):
        fields.refuse("contradiction", "minimum", "is for an open-ended contract; a term binds")
    last_on, length = _last_on(fields, "term", start, zone)
    renewals = fields.plain("renewals")
    day_of_month = start.day if length is not None and length.unit in MONTHS else 0
    if renewals is None or isinstance(renewals, str):
        return FixedTerm(last_on, fields.choice("renewals", AFTER_TERM, "none"))
    return FixedTerm(last_on, _interval(fields, "renewals"), day_of_month)


def _last_on(fields: Fields, name: str, start: date, zone: str) -> tuple[date, Interval | None]:
    """Read a length from the start on, as its last day or as an interval, and its last day."""
    section = fields.section(name)
    if section.has("last_day"):
        last_on = given_day(section, "last_day", zone)
        section.close()
        if last_on < start:
            section.refuse("ends_before_start", "last_day", "must not be before the start")
        return last_on, None
    if not section.has("interval"):
        section.refuse("missing", "last_day", "or interval must be given")
    length = _interval(fields, name)
    return last_day_of(start, length), length


def _optional_interval(fields: Fields, name: str) -> Interval | None:
    return _interval(fields, name) if fields.has(name) else None


def _interval(fields: Fields, name: str) -> Interval:
    section = fields.section(name)
    unit = section.choice("interval", UNITS)
    count = section.count("interval_count", 1, least=1)
    section.close()
    if count > LONGEST_INTERVAL:
        section.refuse("bad_interval", "interval_count", f"must be at most {LONGEST_INTERVAL}")
    return Interval(unit, count)


def _answer(ending: Ending, contract: Contract, country: str, *, is_known: bool) -> Answer:
    limit = ending.limit
    reason = REASONS[ending.rule] + ("" if is_known else UNKNOWN_LAW)
    data: Answer = {"notice_ends": ending.notice_ends_on.isoformat()}
    if ending.bound_until is not None:
        data["bound_until"] = ending.bound_until.isoformat()
    if limit is not None:
        data["statutory"] = {
            "country": limit.country,
            "interval": limit.longest.unit,
            "interval_count": limit.longest.count,
            "valid_from": limit.valid_from.isoformat(),
            "source": limit.source,
        }
    return {
        "last_day": ending.last_on.isoformat(),
        "rule": ending.rule if is_known else f"{ending.rule}_law_unknown",
        "reason": reason.format(
            last_on=ending.last_on,
            bound_until=ending.bound_until,
            country=country,
            notice=_in_words(contract.notice),
            longest=_in_words(limit.longest if limit else None),
        ),
        "data": data,
    }


def _in_words(length: Interval | None) -> str:
    if length is None:
        return "none"
    return f"{length.count} {length.unit}{'s' if length.count > 1 else ''}"
