"""What was counted: the answers to what metered prices ask, many in one query."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from kesto.core.catalog import Price, SoldMeter
from kesto.core.counting import NOTHING, Ask, Asked, ask_of, from_sums, key_of
from kesto.core.due import Stretch
from kesto.core.item import Item
from kesto.core.metering.metered import Labels
from kesto.core.pricing import Usage
from kesto.core.rating import UsageOf
from kesto.store.meters import meters
from kesto.store.session import Session
from kesto.store.usage import plain_sums, rollups
from kesto.store.usage.chosen import event_store
from kesto.store.usage.port import ALL, Sum
from kesto.store.usage.windows import windows_of

__all__ = ["ALL", "UsageBook"]

MOST_KNOWN = 65_536
"""How many answers are remembered beside those that were fetched together."""


class _Known(Struct, frozen=True, gc=False):
    """An answer as of a batch; it holds for earlier ones back to the newest that is in it."""

    usage: Usage
    seen: int
    newest: int


class UsageBook:
    """What was used, asked for and remembered; `Rater` is given `seen(batch)`.

    What is asked for without `fetch` before is read by itself. Sums come from the rollups where
    these hold; who proves something says `from_events`, and each event is counted again.
    """

    def __init__(self, session: Session, *, from_events: bool = False) -> None:
        self.session = session
        self.from_events = from_events
        self._meters: dict[str, SoldMeter] | None = None
        self._known: dict[Asked, _Known] = {}
        self._together: dict[Asked, Usage] = {}
        self._holds = (0, ALL)
        self._room = MOST_KNOWN

    @property
    def meters(self) -> dict[str, SoldMeter]:
        """The merchant's meters by code, read once."""
        if self._meters is None:
            self._meters = meters(self.session)
        return self._meters

    def seen(self, batch: int = ALL) -> UsageOf:
        """What was counted up to a batch."""

        def used(item: Item, price: Price, stretch: Stretch) -> Usage:
            if item.subscription_id is None:
                return NOTHING
            key = key_of(item.subscription_id, price, stretch)
            usage = self._remembered(key, batch)
            if usage is None:
                ask = ask_of(item, price, stretch, self.meters)
                usage = NOTHING if ask is None else self._by_itself(ask, batch)
            return usage

        return used

    def fetch(self, asks: Sequence[Ask], batch: int = ALL) -> None:
        """Read the answers to many at once, and keep them until `forget`."""
        left = asks if self.from_events else self._fetch_plain(asks, batch)
        self._fetch(left, batch)
        self._room = len(self._known) + MOST_KNOWN

    def answer(self, ask: Ask) -> Usage:
        """What was read last for an ask."""
        usage = self._together.get(ask.key)
        return self._known[ask.key].usage if usage is None else usage

    def forget(self) -> None:
        """Let go of what was read, before much else is."""
        self._known.clear()
        self._together.clear()
        self._holds = (0, ALL)
        self._room = MOST_KNOWN

    def _remembered(self, key: Asked, batch: int) -> Usage | None:
        newest, seen = self._holds
        if newest <= batch <= seen and key in self._together:
            return self._together[key]
        known = self._known.get(key)
        return known.usage if known is not None and known.newest <= batch <= known.seen else None

    def _by_itself(self, ask: Ask, batch: int) -> Usage:
        if len(self._known) >= self._room:
            self.forget()
        self._together.pop(ask.key, None)
        self._fetch([ask], batch)
        return self._known[ask.key].usage

    def _fetch_plain(self, asks: Sequence[Ask], batch: int) -> list[Ask]:
        """Read what a sum is enough for, a meter at a time; answers what has to be read else."""
        left: list[Ask] = []
        by_meter: dict[UUID, list[Ask]] = {}
        by_price: dict[int, list[Ask]] = {}
        for ask in asks:
            same = by_price.get(id(ask.price))
            if same is None:
                is_plain = ask.way == "sums" and ask.is_plain_sum
                same = by_meter.setdefault(ask.sold.id, []) if is_plain else left
                by_price[id(ask.price)] = same
            same.append(ask)
        for own in by_meter.values():
            usages, newest = plain_sums.read(self.session, own[0].sold, own, batch)
            self._holds = max(self._holds[0], newest), min(self._holds[1], batch)
            for ask, usage in zip(own, usages, strict=True):
                if usage is None:
                    left.append(ask)
                else:
                    self._together[ask.key] = usage
        return left

    def _fetch(self, asks: Sequence[Ask], batch: int) -> None:
        summed = [ask for ask in asks if ask.way == "sums"]
        if summed:
            self._fetch_sums(summed, batch)
        others = [ask for ask in asks if ask.way != "sums"]
        if others:
            for ask, usage, newest in event_store().count(self.session, others, batch):
                self._known[ask.key] = _Known(usage, batch, newest)

    def _fetch_sums(self, asks: Sequence[Ask], batch: int) -> None:
        """From rollups that hold no event of a later batch; the rest from the events."""
        left = list(asks)
        if not self.from_events:
            left = []
            for is_grouped in (False, True):
                some = [ask for ask in asks if bool(ask.sold.meter.group_by) == is_grouped]
                if some:
                    left += self._fetch_kept(some, batch, is_grouped=is_grouped)
        if left:
            counted = event_store().sums(self.session, windows_of(left), batch)
            for ask, sums in zip(left, counted, strict=True):
                self._remember(ask, sums, batch)

    def _fetch_kept(self, asks: Sequence[Ask], batch: int, *, is_grouped: bool) -> list[Ask]:
        """Read rollups; answers which asks have none that holds."""
        left = []
        found = rollups.read(self.session, windows_of(asks), batch, is_grouped=is_grouped)
        for ask, sums in zip(asks, found, strict=True):
            if sums is None:
                left.append(ask)
            else:
                self._remember(ask, sums, batch)
        return left

    def _remember(self, ask: Ask, sums: Mapping[Labels, Sum], batch: int) -> None:
        is_peak = ask.sold.meter.aggregation == "max"
        numbers, newest = {}, 0
        for labels, found in sums.items():
            numbers[labels] = found.highest if is_peak else found.added
            newest = max(newest, found.newest)
        self._known[ask.key] = _Known(from_sums(ask, numbers), batch, newest)
