"""Whether a plan version or an add-on makes sense as a whole, before it is published for good."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from kesto.core.catalog import AddOn, Entitlement, Feature, Phase, PlanTerms, PlanVersion
from kesto.core.delivery_checks import delivery_problems
from kesto.core.metering import Meter
from kesto.core.price_checks import price_problems
from kesto.core.refusals import Invalid, RefusedTogether

HIGHEST_PERCENT = Decimal(1000)
HUNDRED = Decimal(100)
MOST_MONTHS = 120
MOST_DAYS = 3660
MOST_NOTICE_DAYS = 366
REGULAR = "regular"
COUNTS: Mapping[str, int] = {
    "minimum_months": MOST_MONTHS,
    "renewal_months": MOST_MONTHS,
    "notice_days": MOST_NOTICE_DAYS,
    "longest_pause_days": MOST_DAYS,
    "reminder_days": MOST_NOTICE_DAYS,
}
PERCENTAGES = ("early_termination_percent", "paused_percent")


def check_plan(
    version: PlanVersion, meters: Mapping[str, Meter], features: Mapping[str, Feature]
) -> None:
    """Refuse a plan version that could not be billed. Raises RefusedTogether naming each field."""
    refuse_together(plan_problems(version, meters, features))


def check_add_on(
    add_on: AddOn, meters: Mapping[str, Meter], features: Mapping[str, Feature]
) -> None:
    """Refuse an add-on that could not be billed. Raises RefusedTogether naming each field."""
    refuse_together(add_on_problems(add_on, meters, features))


def plan_problems(
    version: PlanVersion, meters: Mapping[str, Meter], features: Mapping[str, Feature]
) -> Iterator[Invalid]:
    """Everything wrong with a plan version; `meters` and `features` are those that there are."""
    yield from price_problems(version.prices, version.phases, meters)
    yield from _phase_problems(version.phases)
    yield from _terms_problems(version.terms)
    yield from _entitlement_problems(version.entitlements, features)
    yield from delivery_problems(version.delivery, version.prices)


def add_on_problems(
    add_on: AddOn, meters: Mapping[str, Meter], features: Mapping[str, Feature]
) -> Iterator[Invalid]:
    """Everything wrong with an add-on; it has no phases of its own."""
    yield from price_problems(add_on.prices, (), meters)
    if not 0 <= add_on.minimum_months <= MOST_MONTHS:
        yield _beyond("minimum_months", MOST_MONTHS)
    yield from _entitlement_problems(add_on.entitlements, features)
    yield from delivery_problems(add_on.delivery, add_on.prices)


def refuse_together(problems: Iterable[Invalid]) -> None:
    """Refuse when there is a problem. Raises RefusedTogether with all of them."""
    found = tuple(problems)
    if found:
        raise RefusedTogether(found)


def closed(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Phases with an open one at their end: after a trial, for example, the plan goes on as usual.

    No phases stay none.
    """
    if not phases or phases[-1].length is None:
        return tuple(phases)
    codes = {phase.code for phase in phases}
    code = next(
        name
        for name in (REGULAR, *(f"{REGULAR}-{n}" for n in range(len(phases) + 1)))
        if name not in codes
    )
    return (*phases, Phase(code))


def _phase_problems(phases: Sequence[Phase]) -> Iterator[Invalid]:
    codes: set[str] = set()
    for place, phase in enumerate(phases):
        at, is_last = f"phases[{place}]", place == len(phases) - 1
        if phase.code in codes:
            yield _bad(f"{at}.code", f"{phase.code!r} is there already; give another code")
        codes.add(phase.code)
        if phase.length is None and not is_last:
            yield _bad(f"{at}.length", "is missing; only the last phase goes on and on")
        if phase.length is not None and is_last:
            yield _bad(f"{at}.length", "must be left out in the last phase, which goes on and on")
        if phase.is_trial and (place > 0 or is_last):
            yield _bad(f"{at}.is_trial", "only the first phase can be a trial, with one after it")
        if not 0 <= phase.percent <= HIGHEST_PERCENT:
            yield _beyond(f"{at}.percent", int(HIGHEST_PERCENT))


def _terms_problems(terms: PlanTerms) -> Iterator[Invalid]:
    for name, most in COUNTS.items():
        if not 0 <= getattr(terms, name) <= most:
            yield _beyond(f"terms.{name}", most)
    for name in PERCENTAGES:
        if not 0 <= getattr(terms, name) <= HUNDRED:
            yield _beyond(f"terms.{name}", int(HUNDRED))
    if terms.at_term_end == "renew" and not terms.renewal_months:
        yield _bad("terms.renewal_months", "is needed where the term renews; say for how long")
    if terms.at_term_end != "renew" and terms.renewal_months:
        yield _bad("terms.renewal_months", 'goes with at_term_end "renew" only')
    if terms.at_term_end != "open_ended" and not terms.minimum_months:
        yield _bad("terms.minimum_months", "is needed where the term ends or renews")


def _entitlement_problems(
    entitlements: Sequence[Entitlement], features: Mapping[str, Feature]
) -> Iterator[Invalid]:
    seen: set[str] = set()
    for place, one in enumerate(entitlements):
        at, feature = f"entitlements[{place}]", features.get(one.feature)
        if feature is None:
            yield _bad(f"{at}.feature", f"{one.feature!r} is no feature that is known; define it")
        elif feature.kind == "boolean" and one.limit is not None:
            yield _bad(f"{at}.limit", f"{one.feature!r} is had or not had; leave the limit out")
        if one.feature in seen:
            yield _bad(f"{at}.feature", f"{one.feature!r} is there already")
        seen.add(one.feature)
        if one.limit is not None and one.limit < 0:
            yield _bad(f"{at}.limit", "may not be below zero")


def _bad(field: str, detail: str) -> Invalid:
    return Invalid(detail, code="bad_plan", field=field)


def _beyond(field: str, most: int) -> Invalid:
    return Invalid(f"must be from 0 to {most}", code="bad_plan", field=field)
