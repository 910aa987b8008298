"""What the fields of the plan editor are called, and the words that some are chosen from."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from kesto.web.office.words import Words

MODELS: Words = {
    "flat": pgettext_lazy("a price", "Fixed"),
    "per_unit": pgettext_lazy("a price", "Per unit"),
    "graduated": pgettext_lazy("a price", "Tiers, filled one after the other"),
    "volume": pgettext_lazy("a price", "Tiers, one for the whole quantity"),
    "stairstep": pgettext_lazy("a price", "Steps, one sum each"),
    "package": pgettext_lazy("a price", "Packages"),
    "percentage": pgettext_lazy("a price", "Percentage of transactions"),
    "graduated_percentage": pgettext_lazy("a price", "Percentage in tiers"),
    "dynamic": pgettext_lazy("a price", "Amounts come with the events"),
    "dimensional": pgettext_lazy("a price", "By what the units are"),
    "capacity": pgettext_lazy("a price", "Sizes by the highest level"),
    "time_series": pgettext_lazy("a price", "By time, such as spot prices"),
}
SKIPPING: Words = {
    "not_credited": pgettext_lazy("skipping a delivery", "is free and gives nothing back"),
    "credited": pgettext_lazy("skipping a delivery", "gives its part of the price back"),
    "not_allowed": pgettext_lazy("skipping a delivery", "is not allowed"),
}
LABELS: Mapping[str, Any] = {
    "amount": gettext_lazy("Price"),
    "unit_amount": gettext_lazy("Price of a unit"),
    "per": gettext_lazy("Units it is for"),
    "package_size": gettext_lazy("Units in a package"),
    "package_amount": gettext_lazy("Price of a package"),
    "free_units": gettext_lazy("Free units"),
    "round": gettext_lazy("Started packages"),
    "rate": gettext_lazy("Percent"),
    "fixed_amount": gettext_lazy("Sum for each transaction"),
    "free_events": gettext_lazy("Free transactions"),
    "free_amount": gettext_lazy("Free amount"),
    "min_per_event": gettext_lazy("At least, for each"),
    "max_per_event": gettext_lazy("At most, for each"),
    "dimensions": gettext_lazy("Properties, with commas"),
    "series": gettext_lazy("Start and price, one a line"),
    "series_code": gettext_lazy("Price series"),
    "margin": gettext_lazy("Margin for each unit"),
    "up_to": gettext_lazy("Up to"),
    "flat_amount": gettext_lazy("Fixed sum"),
    "maximum": gettext_lazy("At most"),
    "price": gettext_lazy("Price of its own (JSON)"),
    "value": gettext_lazy("Value, empty for all others"),
    "limits": gettext_lazy("Limits, such as: users 10"),
    "included_units": gettext_lazy("Included units"),
    "minimum": gettext_lazy("At least, a period"),
    "product": gettext_lazy("Product"),
    "product_name": gettext_lazy("Name of the new product"),
    "tax_category": gettext_lazy("VAT of the new product"),
    "model": gettext_lazy("Kind of price"),
    "meter": gettext_lazy("Counted by"),
    "meter_name": gettext_lazy("Name of the new meter"),
    "meter_aggregation": gettext_lazy("What the new meter counts"),
    "meter_property": gettext_lazy("Property of the events, empty for their value"),
    "meter_unit": gettext_lazy("Unit, such as GB"),
    "interval": gettext_lazy("Charged every"),
    "count": gettext_lazy("How many"),
    "charged": gettext_lazy("When"),
    "code": gettext_lazy("Code"),
    "proration": gettext_lazy("Parts of a period"),
    "phases": gettext_lazy("Only in these phases (codes)"),
    "currency": gettext_lazy("Currency"),
    "tax": gettext_lazy("VAT"),
    "transform_number": gettext_lazy("Convert units: by"),
    "transform": gettext_lazy("Convert units: how"),
    "transform_round": gettext_lazy("Convert units: round"),
    "commitment": gettext_lazy("Committed amount"),
    "overage_factor": gettext_lazy("Factor above it"),
    "true_up": gettext_lazy("The committed amount is always due"),
    "bucketed": gettext_lazy("Each entry by itself"),
    "flat_at_zero": gettext_lazy("Fixed sums also at zero"),
    "percent": gettext_lazy("Percent of the prices"),
    "trial": gettext_lazy("A trial"),
    "minimum_months": gettext_lazy("Minimum term, months"),
    "notice_days": gettext_lazy("Notice, days"),
    "at_term_end": gettext_lazy("After the minimum term"),
    "renewal_months": gettext_lazy("Renews by, months"),
    "early_termination_percent": gettext_lazy("Leaving early, percent of the rest"),
    "paused_percent": gettext_lazy("While paused, percent"),
    "longest_pause_days": gettext_lazy("Longest pause, days"),
    "reminder_days": gettext_lazy("Reminder before, days"),
    "pause_keeps_end": gettext_lazy("A pause does not move the end of the term"),
    "delivery_interval": gettext_lazy("Delivered every"),
    "delivery_interval_count": gettext_lazy("How many"),
    "delivery_day": gettext_lazy("Weekday (Monday is 1) or day of the month"),
    "delivery_counted_from": gettext_lazy("Counted for everybody from the day (2026-12-31)"),
    "delivery_cut_off_days": gettext_lazy("Can be changed until so many days before"),
    "delivery_skipping": gettext_lazy("Skipping a delivery"),
    "delivery_most_skips": gettext_lazy("At most so many skipped in a year"),
    "plans": gettext_lazy("Only with these plans (codes)"),
    "in_portal": gettext_lazy("Subscribers may choose it by themselves in the portal"),
    "name_fi": gettext_lazy("Name in Finnish"),
    "name_sv": gettext_lazy("Name in Swedish"),
    "name_en": gettext_lazy("Name in English"),
    "prices": gettext_lazy("Prices"),
    "quantity": gettext_lazy("Quantity"),
}
CHOICES: dict[str, Words] = {
    "model": MODELS,
    "round": {
        "up": gettext_lazy("cost as a whole one"),
        "down": gettext_lazy("cost nothing"),
    },
    "interval": {
        "month": gettext_lazy("month"),
        "year": gettext_lazy("year"),
        "week": gettext_lazy("week"),
        "day": gettext_lazy("day"),
        "once": gettext_lazy("only once"),
    },
    "charged": {
        "advance": gettext_lazy("in advance"),
        "arrears": gettext_lazy("in arrears"),
    },
    "proration": {
        "day": gettext_lazy("by day"),
        "second": gettext_lazy("by second"),
        "none": gettext_lazy("not divided"),
    },
    "tax": {
        "with": gettext_lazy("included"),
        "net": gettext_lazy("comes on top"),
    },
    "transform": {
        "divide_by": gettext_lazy("divide"),
        "multiply_by": gettext_lazy("multiply"),
    },
    "transform_round": {
        "up": gettext_lazy("up"),
        "down": gettext_lazy("down"),
        "nearest": gettext_lazy("to the nearest"),
        "none": gettext_lazy("not"),
    },
    "delivery_interval": {
        "": gettext_lazy("is not delivered"),
        "day": gettext_lazy("day"),
        "week": gettext_lazy("week"),
        "month": gettext_lazy("month"),
    },
    "delivery_skipping": SKIPPING,
    "at_term_end": {
        "open_ended": gettext_lazy("goes on until notice"),
        "renew": gettext_lazy("renews"),
        "end": gettext_lazy("ends"),
    },
}
OWN_PRICES = gettext_lazy("written here, for good")
OPEN = gettext_lazy("without end")
PHASE_LABELS: Mapping[str, Any] = {
    "trial": gettext_lazy("A trial"),
    "interval": gettext_lazy("Lasts, in"),
    "count": gettext_lazy("How many of them it lasts"),
    "percent": gettext_lazy("Percent charged of the fixed prices"),
    "code": gettext_lazy("Code"),
}
PHASE_HINTS: Mapping[str, Any] = {
    "percent": gettext_lazy("80: a fifth off. Empty: free."),
}
TAKEN = gettext_lazy("the quantity taken")
NEW_PRODUCT = gettext_lazy("A new product")
NEW_METER = gettext_lazy("a new meter …")
ONE_LANGUAGE = gettext_lazy("One language is enough; customers see it in theirs where it is given.")
HINTS: Mapping[str, Any] = {
    "name_fi": ONE_LANGUAGE,
    "code": gettext_lazy("For programs and files. Empty: made of the name."),
    "count": gettext_lazy("3 with a month: every three months. Empty: one."),
    "delivery_interval_count": gettext_lazy("Empty: one."),
    "delivery_cut_off_days": gettext_lazy("Empty: two."),
    "product_name": gettext_lazy("It stands on invoices. Empty: as the plan or add-on is called."),
    "included_units": gettext_lazy("Free in each period. Tiers begin above them."),
    "minimum_months": gettext_lazy("Empty: none."),
    "renewal_months": gettext_lazy("Only when it renews."),
    "early_termination_percent": gettext_lazy("Empty: leaving early costs nothing."),
    "paused_percent": gettext_lazy("Of the prices. Empty: a pause costs nothing."),
    "longest_pause_days": gettext_lazy("Empty: subscribers can’t pause by themselves."),
    "reminder_days": gettext_lazy("Before a trial or a term ends. Empty: seven."),
    "phases": gettext_lazy("With commas between them. Empty: in all."),
    "plans": gettext_lazy(
        "With commas between them. Empty: with every plan. There are: %(codes)s."
    ),
    "meter": gettext_lazy("What programs report, or what is chosen with the order."),
    "meter_property": gettext_lazy("Such as: gigabytes, or computed: = value / 1024."),
    "delivery_counted_from": gettext_lazy("Empty: each from its own first day."),
    "tax": gettext_lazy("Consumers are shown prices that include it."),
}
TAX_CATEGORIES: Words = {
    "standard": gettext_lazy("standard rate"),
    "reduced": gettext_lazy("reduced rate"),
    "low": gettext_lazy("low rate"),
    "press": gettext_lazy("newspapers and magazines"),
}
AGGREGATIONS: Words = {
    "count": gettext_lazy("the number of events"),
    "sum": gettext_lazy("the sum"),
    "max": gettext_lazy("the highest value"),
    "latest": gettext_lazy("the latest value"),
    "unique": gettext_lazy("different values"),
    "weighted_sum": gettext_lazy("the level over time"),
}
KINDS: Words = {
    "boolean": gettext_lazy("had or not had"),
    "limit": gettext_lazy("with a limit"),
    "metered": gettext_lazy("with a limit for what a meter counts"),
}
LATE: Words = {
    "correct": gettext_lazy("correct the bill by a line"),
    "current": gettext_lazy("count when they come"),
    "refuse": gettext_lazy("are refused"),
}
RESOLUTIONS: Words = {
    "hour": gettext_lazy("hour"),
    "quarter_hour": gettext_lazy("quarter of an hour"),
}
DURATIONS: Words = {
    "once": gettext_lazy("the first bill"),
    "periods": gettext_lazy("several periods"),
    "forever": gettext_lazy("for good"),
}
LENGTHS: Words = {
    "day": gettext_lazy("days"),
    "week": gettext_lazy("weeks"),
    "month": gettext_lazy("months"),
    "year": gettext_lazy("years"),
}
