"""Deeds about contracts that a process is killed in: reminders, and moves to another version."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.catalog import Catalogue, SoldMeter
from kesto.core.changes import Pause
from kesto.core.metering import Meter
from kesto.core.moving import Wanted
from kesto.core.subscription import NewSubscription
from kesto.flows.accept_usage import accept_together, accept_usage
from kesto.flows.change_subscription import change_subscription
from kesto.flows.migrate_subscribers import migrate_subscribers
from kesto.flows.open_rollups import open_these
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.remind import remind as remind_all
from kesto.flows.set_alert import NewAlert, set_alert
from kesto.flows.subscribe import subscribe
from kesto.flows.watch_usage import watch_usage
from kesto.store import catalogue
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.store.usage.port import Window
from kesto.store.usage.rollups import Opened
from tests.faults.village import FIRST_DAY, morning

NOW = morning(FIRST_DAY)
ACTOR = "the village's clerk"
NOTICE_DAYS = 30
TALK = """
currency = "EUR"
prices_include_tax = true
[[products]]
code = "talk"
name.en = "Talk"
[[meters]]
code = "talk"
name.en = "Talk"
aggregation = "sum"
[[plans]]
code = "talk"
name.en = "Talk"
[[plans.prices]]
code = "talk"
product = "talk"
meter = "talk"
interval = "month"
model = "per_unit"
unit_amount = "1"
"""


def pause(merchant_id: UUID, subscription: str) -> None:
    """A subscription is paused for a few days, of whose end its holder is reminded."""
    asked = Pause(on=FIRST_DAY, until=FIRST_DAY + timedelta(days=4))
    change_subscription(merchant_id, subscription, asked, NOW, ACTOR)


def remind(merchant_id: UUID) -> None:
    """Subscribers are told of what comes nearer."""
    remind_all(merchant_id, FIRST_DAY, NOW)


def publish_again(merchant_id: UUID) -> None:
    """Each plan has a second version, with prices as they were."""
    with reading(merchant_id) as session:
        versions = [one for one, _ in catalogue.plan_versions(session).values()]
        products = tuple(catalogue.products(session).values())
    second = tuple(
        replace(
            one,
            id=new_id(),
            version=2,
            prices=tuple(replace(price, id=new_id()) for price in one.prices),
        )
        for one in versions
    )
    publish_catalogue(merchant_id, Catalogue("EUR", True, products, second, ()), NOW)


def meter(merchant_id: UUID) -> None:
    """Calls are counted from now on."""
    sold = SoldMeter(new_id(), "calls", {"en": "Calls"}, Meter("sum"))
    publish_catalogue(merchant_id, Catalogue("EUR", True, (), (), (), meters=(sold,)), NOW)


def send(merchant_id: UUID, subscription: str) -> None:
    """Calls of yesterday and of today come in, each with an id of its own."""
    sent = [
        {
            "id": f"call-{number}",
            "subscription": subscription,
            "meter": "calls",
            "time": (NOW - timedelta(hours=number)).isoformat(),
            "value": number,
        }
        for number in range(1, 30, 7)
    ]
    accept_together(merchant_id, [sent[:3], [*sent[3:], {**sent[0], "meter": "none"}]], NOW)


def roll_up(merchant_id: UUID) -> None:
    """What the calls of the day come to is kept from now on."""
    with reading(merchant_id) as session:
        rows = session.rows(
            "select distinct subscription_id, meter_id from usage_event where merchant_id = %s",
            merchant_id,
        )
    day = timedelta(days=1)
    open_these(
        merchant_id,
        [Opened(Window(own, meter, NOW - day, NOW + day), 0) for own, meter in rows],
    )


def use(merchant_id: UUID) -> None:
    """A subscription reaches a limit that its holder wants to be told of."""
    offered = read_catalogue(TALK.encode(), "talk.toml", new_id)
    publish_catalogue(merchant_id, offered, NOW)
    with reading(merchant_id) as session:
        ((holder,),) = session.rows("select external_id from customer order by 1 limit 1")
    order = NewSubscription(new_id(), "talker", holder, "talk", FIRST_DAY)
    subscribe(merchant_id, [order], NOW)
    set_alert(merchant_id, order.id, NewAlert("talk", "quantity", Decimal(1)), NOW, ACTOR)
    at = (NOW - timedelta(minutes=1)).isoformat()
    event = {"id": "talk-1", "subscription": "talker", "meter": "talk", "time": at, "value": 1}
    accept_usage(merchant_id, [event], NOW, NOW)


def watch(merchant_id: UUID) -> None:
    """Who wants to be told of usage is told."""
    watch_usage(merchant_id, NOW)


def migrate(merchant_id: UUID) -> None:
    """The subscribers of a plan go over to its second version."""
    with reading(merchant_id) as session:
        ((plan,),) = session.rows(
            "select p.code from subscription_item i"
            " join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id"
            " join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id"
            " where v.version = 1 group by p.code order by count(*) desc, p.code limit 1"
        )
    wanted = Wanted(plan, 1, 2, FIRST_DAY + timedelta(days=60), NOTICE_DAYS)
    migrate_subscribers(merchant_id, wanted, NOW, ACTOR)
