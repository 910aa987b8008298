"""Whether a coupon, and whether a feature, makes sense before it is published."""

from collections.abc import Collection, Iterator

from kesto.core.catalog import Coupon, Feature
from kesto.core.plan_checks import HUNDRED
from kesto.core.refusals import Invalid

MOST_PERIODS = 120
MOST_USES = 1_000_000_000
LARGEST_MINOR = 10**15


def coupon_problems(
    coupon: Coupon, products: Collection[str], plans: Collection[str]
) -> Iterator[Invalid]:
    """Everything wrong with a coupon; `products` and `plans` are the codes that there are."""
    yield from _value_problems(coupon)
    if coupon.duration == "periods" and not 1 <= coupon.periods <= MOST_PERIODS:
        yield _bad("periods", f"must be from 1 to {MOST_PERIODS}: for how many it holds")
    if coupon.duration != "periods" and coupon.periods:
        yield _bad("periods", 'goes with the duration "periods" only; leave it out')
    for name, given, known in (
        ("products", coupon.products, products),
        ("plans", coupon.plans, plans),
    ):
        for place, code in enumerate(given):
            if code not in known:
                yield _bad(f"{name}[{place}]", f"{code!r} is none of the {name} that are known")
    yield from _use_problems(coupon)


def feature_problems(feature: Feature, meters: Collection[str]) -> Iterator[Invalid]:
    """Everything wrong with a feature; `meters` are the codes that there are."""
    if feature.kind == "metered" and feature.meter not in meters:
        detail = f"{feature.meter!r} is no meter that is known; a metered feature names its meter"
        yield _bad("meter", detail)
    if feature.kind != "metered" and feature.meter:
        yield _bad("meter", 'goes with the kind "metered" only; leave it out')


def _value_problems(coupon: Coupon) -> Iterator[Invalid]:
    if bool(coupon.percent) == bool(coupon.amount_minor):
        yield _bad("percent", "or an amount must be given, and not both")
    if not 0 <= coupon.percent <= HUNDRED:
        yield _bad("percent", "must be above 0 and at most 100")
    if not 0 <= coupon.amount_minor <= LARGEST_MINOR:
        yield _bad("amount", "must be above 0, and not astronomical")
    if bool(coupon.amount_minor) != bool(coupon.currency):
        yield _bad("currency", "goes with an amount, which needs it, and not with a percentage")


def _use_problems(coupon: Coupon) -> Iterator[Invalid]:
    typed = [code.casefold() for code in coupon.codes]
    for place, code in enumerate(typed):
        if code in typed[:place]:
            yield _bad(f"codes[{place}]", "is there already, whatever its capital letters")
    for name in ("most_uses", "most_uses_per_customer"):
        if not 0 <= getattr(coupon, name) <= MOST_USES:
            yield _bad(name, f"must be from 0 to {MOST_USES}")
    if coupon.most_uses and coupon.most_uses_per_customer > coupon.most_uses:
        yield _bad("most_uses_per_customer", "may not be above most_uses")
    if coupon.valid_from and coupon.valid_until and coupon.valid_until < coupon.valid_from:
        yield _bad("valid_until", "may not be before valid_from")


def _bad(field: str, detail: str) -> Invalid:
    return Invalid(detail, code="bad_catalogue", field=field)
