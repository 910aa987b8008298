"""The clock of a subscription: the time zone that its days began in, and the later ones."""

from datetime import date, datetime

import msgspec
from msgspec import Struct

from kesto.core.calendar import local_date, midnight
from kesto.core.item import ZoneFrom

_later = msgspec.json.Decoder(tuple[ZoneFrom, ...])


class Clock(Struct, frozen=True):
    """A first time zone, and others from days on, the earliest first.

    A day on which the zone changes begins at midnight by the clock of the day before it, as periods
    do: no instant lies in two days, and none in no day.
    """

    zone: str
    later: tuple[ZoneFrom, ...] = ()

    def day_of(self, at: datetime) -> date:
        """The day that an instant lies in."""
        zone, since = self.zone, date.min
        for one in self.later:
            if at < midnight(one.on, zone):
                break
            zone, since = one.zone, one.on
        return max(local_date(at, zone), since)


def read_clock(zone: str, later: str) -> Clock:
    """A clock as it is kept: its first zone, and the later ones as JSON."""
    return Clock(zone, _later.decode(later))
