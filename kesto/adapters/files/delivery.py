"""What a plan or an add-on says about its deliveries."""

from typing import get_args

from kesto.adapters.files import checks
from kesto.adapters.files.prices import interval
from kesto.adapters.files.toml_table import TomlTable
from kesto.core.calendar import LAST_BILLING_DAY, Interval
from kesto.core.catalog import DeliverySchedule, Skipping
from kesto.core.delivery_checks import MOST_CUT_OFF_DAYS, MOST_SKIPS

USUAL = DeliverySchedule(Interval("week"))


def read_delivery(table: TomlTable) -> DeliverySchedule | None:
    """The delivery schedule of a plan or an add-on; none where nothing is delivered."""
    if "delivery" not in table.content:
        return None
    given = table.table("delivery")
    if given is None:
        return None
    if "interval" not in given.content:
        given.error(("interval",), "is missing; write day, week or month")
    skipping: Skipping = given.text("skipping", checks.choice(*get_args(Skipping)), USUAL.skipping)
    found = DeliverySchedule(
        interval=interval(given),
        day=given.whole("day", 0, LAST_BILLING_DAY, USUAL.day),
        counted_from=given.day("counted_from"),
        cut_off_days=given.whole("cut_off_days", 0, MOST_CUT_OFF_DAYS, USUAL.cut_off_days),
        skipping=skipping,
        most_skips=given.whole("most_skips", 0, MOST_SKIPS, USUAL.most_skips),
    )
    given.finish()
    return found
