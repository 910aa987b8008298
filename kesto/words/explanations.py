"""Explanations in words: from the data that a line carries to the sentences a customer reads."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from msgspec.structs import replace

from kesto.core.catalog import WHOLE_PERCENT
from kesto.core.line import MINIMUM, CreditTaken, ExplainedPart, Explanation
from kesto.words.forms import day, moment, percent
from kesto.words.messages import check_language, count, say
from kesto.words.tongue import Tongue
from kesto.words.views import UsageView

_SECONDS_OF_A_DAY = 86_400
_TIMES = " \N{MULTIPLICATION SIGN} "
_FULL_DAYS = Decimal("0.000001")
# What the quantity and the price of a line show already.
_PLAIN = {"flat", "units"}
# What is counted in the unit of the meter; together these are all of it.
_MEASURED = {"included", "units", "tier", "step", "row", "series", "bucket"}


def sentences(
    explanation: Explanation,
    amount_minor: int,
    currency: str,
    language: str,
    kind: str = "",
    usage: UsageView | None = None,
    coupon: str = "",
) -> list[str]:
    """Return why a line of this kind costs this amount, a sentence for each step.

    What is told of usage is told in the unit of its meter, a discount by the name of its `coupon`.
    """
    tongue = Tongue(check_language(language), currency, _unit(explanation, usage))
    charged_minor = explanation.now_minor if explanation.corrects else amount_minor
    if kind == MINIMUM:
        found = [_minimum(explanation, charged_minor, tongue)]
    elif explanation.discount:
        found = [_discount(explanation, coupon or explanation.discount, tongue)]
    elif explanation.credit is not None:
        found = [_credit(explanation.credit, tongue)]
    else:
        found = [
            *_course(explanation, tongue),
            *_parts(explanation, tongue),
            *_rounding(explanation, charged_minor, tongue),
        ]
    if explanation.corrects:
        found += _correction(explanation, amount_minor, tongue, usage)
    return [*found, *_unpriced(tongue, usage)]


def brief(
    explanation: Explanation,
    amount_minor: int,
    currency: str,
    language: str,
    kind: str = "",
    usage: UsageView | None = None,
    coupon: str = "",
) -> list[str]:
    """Return what a line's own figures don't show: its tiers, its share, what it corrects.

    What is plain (one price, times a quantity) and what was rounded is left to `sentences`.
    """
    tongue = Tongue(check_language(language), currency, _unit(explanation, usage))
    if explanation.corrects:
        return [*_correction(explanation, amount_minor, tongue, usage)]
    if kind == MINIMUM or explanation.discount or explanation.credit:
        return sentences(explanation, amount_minor, currency, language, kind, None, coupon)[-1:]
    steps = [part for part in explanation.parts if part.what != "share"]
    plain = steps if len(steps) == 1 and steps[0].what in _PLAIN else []
    told = tuple(part for part in explanation.parts if part not in plain)
    return [
        *_course(explanation, tongue),
        *_parts(replace(explanation, parts=told), tongue),
        *_unpriced(tongue, usage),
    ]


def _unit(explanation: Explanation, usage: UsageView | None) -> str:
    """Return the meter's unit, where the parts are in it: a price may convert what was counted."""
    measured = sum(
        (Decimal(part.quantity) for part in explanation.parts if part.what in _MEASURED), Decimal(0)
    )
    return usage.unit if usage and measured == Decimal(explanation.quantity) else ""


def _unpriced(tongue: Tongue, usage: UsageView | None) -> Iterator[str]:
    """Return what was used at a time that has no price yet, where a bill to come tells of it."""
    if usage is not None and usage.unpriced is not None:
        whole = Tongue(tongue.language, tongue.currency, usage.unit)
        yield tongue.say(
            "unpriced",
            quantity=whole.measure(str(usage.unpriced.quantity)),
            at=moment(usage.unpriced.first_at, tongue.language),
        )


def _correction(
    explanation: Explanation, amount_minor: int, tongue: Tongue, usage: UsageView | None
) -> Iterator[str]:
    """Return what was billed before, and in which quantity where usage came late."""
    if usage is not None and usage.before is not None:
        whole = Tongue(tongue.language, tongue.currency, usage.unit)
        before, now = whole.measure(str(usage.before)), whole.measure(explanation.quantity)
        yield tongue.say("late_usage", before=before, now=now)
    yield tongue.say(
        "correction",
        before=tongue.minor(explanation.was_minor),
        now=tongue.minor(explanation.now_minor),
        difference=tongue.minor(amount_minor),
    )


def _course(explanation: Explanation, tongue: Tongue) -> Iterator[str]:
    """Return what the days of the period were charged less for: a pause, a phase of the plan."""
    if explanation.paused_days:
        yield count(tongue.language, "paused_days", Decimal(explanation.paused_days))
    if explanation.skipped:
        skipped, deliveries = Decimal(explanation.skipped), str(explanation.deliveries)
        yield count(tongue.language, "skipped_deliveries", skipped, deliveries=deliveries)
    charged = Decimal(explanation.percent)
    if not charged:
        yield say(tongue.language, "phase_free")
    elif charged != WHOLE_PERCENT:
        yield say(tongue.language, "phase_percent", rate=percent(charged, tongue.language))


def _discount(explanation: Explanation, coupon: str, tongue: Tongue) -> str:
    (part,) = explanation.parts
    return say(
        tongue.language,
        part.what,
        name=coupon,
        rate=percent(Decimal(part.unit_amount), tongue.language),
        base=tongue.exact(part.quantity),
        amount=tongue.exact(part.amount),
    )


def _credit(credit: CreditTaken, tongue: Tongue) -> str:
    """Return what was given when, and what is left of it."""
    return say(
        tongue.language,
        "credit_taken" if credit.left_minor else "credit_used_up",
        amount=tongue.minor(credit.amount_minor),
        day=day(credit.given_on, tongue.language),
        left=tongue.minor(credit.left_minor),
    )


def _parts(explanation: Explanation, tongue: Tongue) -> Iterator[str]:
    """Return a sentence for each part, and how much of the period was used."""
    tiers = [part for part in explanation.parts if part.what == "tier"]
    has_included = any(
        part.what == "included" and Decimal(part.quantity) for part in explanation.parts
    )
    for part in explanation.parts:
        if part.what == "included" and not Decimal(part.quantity):
            continue
        if tongue.unit and part.what in {"included", "units"}:
            yield from _measured(part, tongue, has_included=has_included)
            continue
        if part.what == "share" and explanation.share:
            yield from _share(part, explanation, tongue)
            continue
        yield _part(part, tiers, tongue)


def _measured(part: ExplainedPart, tongue: Tongue, *, has_included: bool) -> Iterator[str]:
    """Return what a meter counted: what is in the price, and what each unit above it costs."""
    if part.what == "included":
        yield tongue.say("included_measure", quantity=tongue.measure(part.quantity))
    elif Decimal(part.quantity) or not has_included:
        key = "above_included" if has_included else "measured"
        yield tongue.say(key, formula=_formula(part, tongue))


def _part(part: ExplainedPart, tiers: Sequence[ExplainedPart], tongue: Tongue) -> str:
    quantity = Decimal(part.quantity)
    match part.what:
        case "units" | "packages" | "fixed_amounts":
            return count(tongue.language, part.what, quantity, formula=_formula(part, tongue))
        case "included" | "free_events":
            return count(tongue.language, part.what, quantity)
        case "tier":
            key = "tier" if len(tiers) > 1 else "only_tier"
            place = next(place for place, tier in enumerate(tiers, start=1) if tier is part)
            facts = {"formula": _formula(part, tongue), "place": str(place)}
            return say(tongue.language, key, **facts)
        case "share":
            share = tongue.number(part.quantity)
            return say(tongue.language, "share", base=tongue.exact(part.unit_amount), share=share)
        case what:
            return say(
                tongue.language,
                what,
                formula=(_percentage if what == "percentage" else _formula)(part, tongue),
                worth=tongue.exact(part.quantity),
                amount=tongue.exact(part.amount),
                quantity=(tongue.measure if what in _MEASURED else tongue.number)(part.quantity),
            )


def _formula(part: ExplainedPart, tongue: Tongue) -> str:
    """Return how a part is computed, without what multiplies by one or adds nothing."""
    quantity, unit, flat = (
        Decimal(text) for text in (part.quantity, part.unit_amount, part.flat_amount)
    )
    measured = tongue.measure if part.what in {*_MEASURED, "margin"} else tongue.number
    terms = []
    if unit or not flat:
        terms.append(f"{measured(part.quantity)} × {tongue.exact(part.unit_amount)}")
    if flat:
        terms.append(tongue.exact(part.flat_amount))
    if len(terms) == 1 and (flat or (quantity == 1 and not tongue.unit)):
        return tongue.exact(part.amount)
    return f"{' + '.join(terms)} = {tongue.exact(part.amount)}"


def _percentage(part: ExplainedPart, tongue: Tongue) -> str:
    """Return how a percentage of an amount is computed; its `quantity` is money."""
    rate = percent(Decimal(part.unit_amount) * 100, tongue.language)
    terms = [f"{rate} × {tongue.exact(part.quantity)}"]
    if Decimal(part.flat_amount):
        terms.append(tongue.exact(part.flat_amount))
    return f"{' + '.join(terms)} = {tongue.exact(part.amount)}"


def _share(part: ExplainedPart, explanation: Explanation, tongue: Tongue) -> Iterator[str]:
    """Return how much of the period was used, and what its price was taken times.

    A phase weighs each day at its percentage; both are told apart, as a person counts them.
    """
    weighed, *deliveries = explanation.share.split(_TIMES)
    used, _, whole = weighed.partition("/")
    rate = Decimal(explanation.percent)
    factors = []
    if rate and rate != WHOLE_PERCENT:
        factors.append(tongue.percent(explanation.percent))
        days = (Decimal(used) * WHOLE_PERCENT / rate).quantize(_FULL_DAYS)
        used = f"{days.normalize():f}"
    if not factors or Decimal(used) != Decimal(whole):
        if not explanation.skipped:
            yield _used(used, whole, tongue)
        factors.append(f"{tongue.number(used)}/{tongue.number(whole)}")
    told = _TIMES.join([*factors, *deliveries])
    yield tongue.say("share", base=tongue.exact(part.unit_amount), share=told)


def _used(used: str, whole: str, tongue: Tongue) -> str:
    """Return the days (or seconds, where time is shared by the second) that were used."""
    key = "days_used" if Decimal(whole) < _SECONDS_OF_A_DAY else "seconds_used"
    return count(
        tongue.language,
        key,
        Decimal(whole),
        used=tongue.number(used),
        whole=tongue.number(whole),
    )


def _rounding(explanation: Explanation, charged_minor: int, tongue: Tongue) -> Iterator[str]:
    exact, charged = tongue.exact(explanation.exact), tongue.minor(charged_minor)
    if exact != charged:
        yield say(tongue.language, "rounding", exact=exact, amount=charged)


def _minimum(explanation: Explanation, charged_minor: int, tongue: Tongue) -> str:
    minimum, added = tongue.exact(explanation.exact), tongue.minor(charged_minor)
    return say(tongue.language, "minimum", minimum=minimum, amount=added)
