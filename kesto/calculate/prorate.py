"""Operation prorate: what a used part of a period costs."""

from typing import get_args

from kesto.calculate.given import (
    Answer,
    given_currency,
    given_day,
    given_instant,
    given_zone,
)
from kesto.core.calendar import Period
from kesto.core.exact import fraction, shown
from kesto.core.fields import Fields
from kesto.core.money import format_minor, round_minor
from kesto.core.proration import ProrationRule, Share, used_seconds, used_share

RULES: tuple[ProrationRule, ...] = get_args(ProrationRule)


def prorate(fields: Fields) -> Answer:
    """Multiply an amount with the used share of its period."""
    currency = given_currency(fields)
    amount = fields.decimal("amount", is_signed=True)
    share = _share(fields, fields.choice("rule", RULES, "day"), given_zone(fields))
    fields.close()
    exact = fraction(amount) * share.fraction
    return {
        "amount": shown(exact),
        "rounded": format_minor(round_minor(exact, currency), currency),
        "share": str(share),
    }


def _share(fields: Fields, rule: ProrationRule, zone: str) -> Share:
    period, used = fields.section("period"), fields.section("used")
    if rule == "second":
        share = used_seconds(
            (given_instant(period, "start", zone), given_instant(period, "end", zone)),
            (given_instant(used, "start", zone), given_instant(used, "end", zone)),
        )
    else:
        whole, part = _days(period, zone), _days(used, zone)
        share = used_share(whole, part, whole.days, rule, zone)
    period.close()
    used.close()
    return share


def _days(fields: Fields, zone: str) -> Period:
    return Period(given_day(fields, "start", zone), given_day(fields, "end", zone))
