"""The period that events are metered for: its instants, and its days in the zone."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from msgspec import Struct

from kesto.core.calendar import local_date, midnight
from kesto.core.refusals import Invalid

SMALLEST = timedelta(microseconds=1)


class Span(Struct, frozen=True, gc=False, cache_hash=True):
    """The instants from `start_at` up to, but not including, `end_at`.

    `full_days` is how many days the whole regular period has that it lies in and ends with (None:
    it is the whole one). Days are those of the zone; where that changed meanwhile, `start_on` and
    `end_on`, the first day and the one after the last, say which days they are.
    """

    start_at: datetime
    end_at: datetime
    zone: str = "UTC"
    full_days: int | None = None
    start_on: date | None = None
    end_on: date | None = None

    def __post_init__(self) -> None:
        if self.start_at >= self.end_at:
            raise Invalid("must be after its start", code="empty_period", field="period.end")
        if self.full_days is not None and self.full_days < self.days:
            raise Invalid(
                f"may not be less than the {self.days} days of the period itself",
                code="contradiction",
                field="period.full_days",
            )

    @property
    def first_on(self) -> date:
        """Return the first day."""
        return self.start_on or local_date(self.start_at, self.zone)

    @property
    def last_on(self) -> date:
        """Return the last day, however little of it belongs to the period."""
        if self.end_on is not None:
            return self.end_on - timedelta(days=1)
        return local_date(self.end_at - SMALLEST, self.zone)

    @property
    def days(self) -> int:
        """Return how many days it has, the last included."""
        return self.days_left(self.first_on)

    def days_left(self, day: date) -> int:
        """Return how many days there are from a day to the end, the day itself included."""
        return self.last_on.toordinal() - day.toordinal() + 1

    def day_of(self, at: datetime) -> date:
        """Return the day of an instant; what came before the period counts as at its start."""
        day = local_date(max(at, self.start_at), self.zone)
        return min(max(day, self.first_on), self.last_on)

    def share_of_days(self, days: int) -> Fraction:
        """Return days as a share of the whole regular period."""
        return Fraction(days, self.days if self.full_days is None else self.full_days)

    def regular_start_at(self) -> datetime:
        """Return where the whole regular period starts that ends with this one."""
        if self.full_days is None or self.full_days == self.days:
            return self.start_at
        return midnight(self.last_on - timedelta(days=self.full_days - 1), self.zone)
