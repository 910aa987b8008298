"""Simulated offices: from a seed to lives that were lived to their end, billed, and proved."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from kesto.core.changes import Cancel
from kesto.core.refusals import Refused
from tests.simulator import days, oracle
from tests.simulator.coverage import BILL, SUBSCRIBE, USE, Coverage
from tests.simulator.generator import Generator
from tests.simulator.oracle import LAWS, Law
from tests.simulator.usage import made_usage
from tests.simulator.world import FIRST_ID, Invoice, Member, OfficeRater, World, noon

SUBSCRIPTIONS = 3
PAYERS = 3
TRIES = 3
FAR = timedelta(days=800)


def lived(seeds: Iterable[int]) -> Coverage:
    """Live offices through, one a seed; a failure names its seed.

    They share a rater, as the subscriptions of one seller do in a billing run.
    """
    seen, rater = Coverage(), OfficeRater()
    for seed in seeds:
        try:
            seen.add(Office(seed, rater=rater).live())
        except Exception as error:
            error.add_note(f"again with KESTO_SEED={seed}")
            raise
    return seen


class Office:
    """One office from its first subscription until all have ended and are billed."""

    def __init__(
        self, seed: int, laws: Collection[Law] = LAWS, rater: OfficeRater | None = None
    ) -> None:
        self.seed = seed
        self.laws = laws
        self.generator = Generator(seed)
        self.random = self.generator.random
        # Ids that no other seed has: what is sold once has its own for a price.
        first_id = FIRST_ID * (seed + 1)
        self.world = World(PAYERS, self.generator.starts_at(), rater, first_id)
        self.coverage = Coverage()
        self.before: dict[int, str] = {}

    def live(self) -> Coverage:
        """Live it through; answers what was seen, or raises what broke."""
        for _ in range(SUBSCRIPTIONS):
            self.subscribe()
        for _ in range(self.random.randrange(12, 30)):
            self.world.moves_to(self.generator.later(self.world.now))
            chance = self.random.random()
            if chance < 0.15:
                self.use()
            elif chance < 0.32:
                self.bill(self.generator.through(self.world.today))
            else:
                self.change()
        self.end()
        coverage = self.coverage
        coverage.histories += len(self.world.members)
        coverage.invoices += len(self.world.invoices)
        coverage.released += self.world.released
        return coverage

    def subscribe(self) -> None:
        """Begin a subscription."""
        world = self.world
        event = self.generator.subscribed(world)
        member = world.subscribe(self.random.choice(list(world.groups)), event)
        self.before[member.id.int] = SUBSCRIBE

    def use(self) -> None:
        """Send what was used of a subscription: shuffled, some of it twice, some long after."""
        world = self.world
        member = self.random.choice(world.members)
        changed_on = [one.event.on for one in member.told]
        sent = made_usage(self.random, world.now, world.new_id().int * 100, changed_on)
        if self.random.random() < 0.3:
            sent += self.random.sample(sent, len(sent) // 2)
        self.random.shuffle(sent)
        for _ in range(self.random.choice((1, 1, 1, 2))):
            world.takes_in(member, sent)
        self._saw(member, USE)

    def change(self) -> None:
        """Try a command on a subscription, and another one when it is refused."""
        today = self.world.today
        lives = [(one, one.life()) for one in self.world.members]
        running = [one for one, life in lives if life.end_on is None or life.end_on > today]
        if not running:
            self.subscribe()
            return
        member = self.random.choice(running)
        for _ in range(TRIES):
            if self.carries_out(self.generator.operation(self.world, member), member):
                return

    def carries_out(self, operation: str, member: Member) -> bool:
        """Carry out a command, sometimes shown before and billed at once; False when refused."""
        world = self.world
        command = self.generator.command(operation, world, member)
        try:
            events = world.decide(member, command, is_staff=self.random.random() < 0.8)
        except Refused as refusal:
            self.coverage.refusals[refusal.code] += 1
            return False
        is_shown = "preview" in self.laws and self.random.random() < 0.25
        shown = world.preview(member, command, events) if is_shown else {}
        world.carry_out(member, command, events)
        self._saw(member, operation)
        if is_shown:
            touched = world.groups_of(member)
            made = self.bill(world.today)
            oracle.preview_is_the_bill(shown, made, touched)
        return True

    def bill(self, through: date) -> list[Invoice]:
        """Bill, and look at what must hold after every run."""
        world = self.world
        made = world.bill(through)
        for member in world.members:
            self._saw(member, BILL)
        if "difference" in self.laws:
            oracle.billed_is_what_is_due(world)
        if "rerun" in self.laws:
            oracle.rerun_adds_nothing(world, through)
        if "totals" in self.laws:
            oracle.totals_add_up(made)
        return made

    def end(self) -> None:
        """Let everyone give notice, bill what is left, and look at the whole."""
        world = self.world
        last_on = world.today + timedelta(days=self.random.randrange(1, 120))
        for member in world.members:
            life = member.life()
            last_day = max(last_on, life.start_on)
            if life.end_on is None or life.end_on > last_day + timedelta(days=1):
                command = Cancel(last_day=last_day, waives_notice=True)
                world.carry_out(member, command, world.decide(member, command))
        for _ in range(2):
            world.moves_to(noon(world.today + timedelta(days=self.random.randrange(1, 60))))
            self.bill(world.today)
        far = world.today + FAR
        for day in (far, far + timedelta(days=40)):
            world.moves_to(noon(day))
            self.bill(day)
        self._look_at_the_whole(far)
        for member in world.members:
            life = member.life()
            self.coverage.customer_days += ((life.end_on or far) - life.start_on).days

    def _look_at_the_whole(self, far: date) -> None:
        world = self.world
        if "difference" in self.laws:
            for group in world.groups.values():
                if group.next_due_on is not None or group.dirty_from is not None:
                    raise oracle.Broken("difference", f"not billed to the end: {group}")
        if "tiling" in self.laws:
            oracle.periods_tile(world, far)
        if "accrual" in self.laws:
            days.days_add_up(world, far)
        if "usage" in self.laws:
            days.usage_is_counted_once(world, far)
        if "discounts" in self.laws:
            oracle.discounts_keep_their_bounds(world)
        if "order" in self.laws:
            oracle.order_of_telling_is_nothing(world, far, self.random)

    def _saw(self, member: Member, operation: str) -> None:
        before = self.before[member.id.int]
        self.coverage.saw(before, operation, self.world.today)
        self.before[member.id.int] = operation
