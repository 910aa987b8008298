"""What may still change of a meter, a feature or a coupon that is published, and what may not."""

from typing import Literal

from msgspec import structs

from kesto.core.catalog import Coupon, Feature, SoldMeter
from kesto.core.refusals import Conflict

Step = Literal["add", "change", "leave"]


def meter_step(before: SoldMeter | None, offered: SoldMeter) -> Step:
    """What to do with a meter that is offered. Raises Conflict when it would count otherwise."""
    if before is None:
        return "add"
    if offered.meter != before.meter:
        raise _changed("meter", offered.code, "counts usage already; what it counts can't change")
    return "leave" if offered == structs.replace(before, id=offered.id) else "change"


def feature_step(before: Feature | None, offered: Feature) -> Step:
    """What to do with a feature that is offered. Raises Conflict when it would be another one."""
    if before is None:
        return "add"
    if (offered.kind, offered.meter) != (before.kind, before.meter):
        raise _changed("feature", offered.code, f"is a {before.kind} feature already")
    return "leave" if offered.names == before.names else "change"


def coupon_step(before: Coupon | None, offered: Coupon) -> Step:
    """What to do with a coupon that is offered; its names and last day may change, codes be added.

    Raises Conflict when what it gives, to whom or for how long would change.
    """
    if before is None:
        return "add"
    kept = structs.replace(
        before,
        id=offered.id,
        names=offered.names,
        valid_until=offered.valid_until,
        codes=offered.codes,
    )
    if offered != kept:
        raise _changed("coupon", offered.code, "is given out already; what it gives can't change")
    is_same = (offered.names, offered.valid_until) == (before.names, before.valid_until)
    return "leave" if is_same and not new_codes(before, offered) else "change"


def new_codes(before: Coupon, offered: Coupon) -> tuple[str, ...]:
    """The codes of an offered coupon that it did not have; those that it had stay."""
    had = {code.casefold() for code in before.codes}
    return tuple(code for code in offered.codes if code.casefold() not in had)


def _changed(noun: str, code: str, why: str) -> Conflict:
    return Conflict(
        f"{noun} {code!r} {why}; give the changed one a new code",
        code=f"{noun}_changed",
        field=f"{noun}s.{code}",
        subject=code,
    )
