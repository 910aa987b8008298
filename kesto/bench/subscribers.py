"""Subscribers by the hundred thousand, made in the database by SQL.

Each is a customer with a billing group and one subscription: a plan and three add-ons, four lines
in four revenue accounts. 200 combinations of plan and add-ons, starts over 701 days and several
quantities make thousands of different lines, so that remembering results does not decide.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import psycopg

from kesto.core.calendar import Interval
from kesto.core.catalog import AddOn, Catalogue, PlanVersion, Price, Product
from kesto.core.invoice import Seller
from kesto.core.pricing import parse_price
from kesto.flows.open_merchant import open_merchant
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
THROUGH = date(2026, 10, 31)
"""The month that is billed is October 2026: every subscription has one period that ends in it."""

PLANS = 40
ADD_ONS = 20
COMBINATIONS = 200
KINDS = ("television", "security", "support")

SELLER = Seller(
    name="Bench Oy",
    business_id="1234567-1",
    vat_id="FI12345671",
    street="Mittakatu 1",
    postal_code="00100",
    city="Helsinki",
    country="FI",
    email="billing@bench.example",
    iban="FI2112345600000785",
    bic="NDEAFIHH",
)

# The start lies 60 to 760 days back, so that a whole period has run when October ends. Billing is
# taken over with the period that ends in October: `billed_from` is where it starts.
_SUBSCRIBERS = """
create temporary table town as
select n, uuidv7() as customer_id, uuidv7() as person_id, uuidv7() as group_id,
    uuidv7() as subscription_id, nextval('history_seq') as seq,
    array[uuidv7(), uuidv7(), uuidv7(), uuidv7()] as items,
    array[1 + n %% 3, 1 + n / 3 %% 2, 1 + n / 6 %% 2, 1] as quantities,
    (n * 7919 %% %(combinations)s)::int as combination,
    date '2026-11-01' - (60 + n * 104729 %% 701)::int as start_on,
    null::date as billed_from, null::date as due_on, null::text as buyer
from generate_series(0::bigint, %(size)s - 1) n;
update town set
    billed_from = start_on + make_interval(months => months - 1),
    due_on = start_on + make_interval(months => months),
    buyer = format('{"external_id":"c-%%s","kind":"consumer","name":"Customer %%s",'
        '"street":"Mittakatu %%s","postal_code":"00100","city":"Helsinki","country":"FI",'
        '"language":"fi","business_id":"","vat_id":"","buyer_reference":"","order_number":"",'
        '"cost_centre":""}', n, n, n)
from (select n as of, (2026 * 12 + 10 - extract(year from start_on) * 12
    - extract(month from start_on))::int as months from town) t where n = t.of;
insert into snapshot (merchant_id, sha256, kind, document, created_at)
select %(merchant)s, sha256(buyer::bytea), 'buyer', buyer, %(now)s from town;
insert into person (merchant_id, id, name, email, phone, street, postal_code, city, country)
select %(merchant)s, person_id, 'Customer ' || n, 'c' || n || '@bench.example', '',
    'Mittakatu ' || n, '00100', 'Helsinki', 'FI' from town;
insert into customer (merchant_id, id, external_id, kind, person_id, language, zone, currency,
    business_id, vat_id, buyer_reference, order_number, cost_centre, snapshot_sha256, created_at)
select %(merchant)s, customer_id, 'c-' || n, 'consumer', person_id, 'fi', '', '', '', '', '', '',
    '', sha256(buyer::bytea), %(now)s from town;
insert into billing_group (merchant_id, id, billing_entity_id, payer_id, currency, due_days,
    includes_tax, next_due_on, history_seq, parked_reason, accepts_bounds)
select %(merchant)s, group_id, e.id, customer_id, 'EUR', e.due_days, true, due_on, seq, '', false
from town, billing_entity e where e.merchant_id = %(merchant)s order by group_id;
insert into subscription (merchant_id, id, external_id, holder_id, payer_id, user_id,
    billing_group_id, zone, later_zones, alignment, billing_day, start_on, created_at)
select %(merchant)s, subscription_id, 's-' || n, customer_id, customer_id, customer_id, group_id,
    'Europe/Helsinki', '[]', 'anniversary', 0, start_on, %(now)s from town;
create temporary table taken as
select n, subscription_id, group_id, start_on, billed_from, place, items[place] as item_id,
    quantities[place] as quantity,
    case place when 1 then (%(plans)s::uuid[])[1 + combination %% %(plan_count)s]
    else (%(add_ons)s::uuid[])[1 + (place - 2) * %(add_on_count)s
        + (combination * (3 + place) + place) %% %(add_on_count)s] end as owner_id
from town, generate_series(1, 4) place;
insert into subscription_item (merchant_id, id, subscription_id, plan_version_id, add_on_id,
    quantity, start_on, billed_from, billing_group_id)
select %(merchant)s, item_id, subscription_id, case place when 1 then owner_id end,
    case when place > 1 then owner_id end, quantity, start_on, billed_from, group_id
from taken order by item_id;
insert into subscription_event (merchant_id, subscription_id, seq, kind, effective_on, recorded_at,
    data)
select %(merchant)s, subscription_id, seq, 'subscribed', start_on, %(now)s, json_build_object(
    'kind', 'subscribed', 'start_on', start_on, 'alignment', 'anniversary', 'items', t.items,
    'billing_day', 0, 'anchor', null, 'zone', 'Europe/Helsinki', 'end_on', null,
    'billed_from', billed_from)
from town join (select n as of, json_agg(json_build_object('item_id', item_id, 'owner_id', owner_id,
    'kind', case place when 1 then 'plan' else 'add_on' end, 'quantity', quantity::text)
    order by place) as items from taken group by n) t on t.of = n;
insert into contract_term (merchant_id, id, subscription_id, start_on, minimum_months, notice_days)
select %(merchant)s, uuidv7(), subscription_id, start_on, 0, 14 from town;
drop table town, taken;
"""


def open_town(connection: psycopg.Connection, size: int, offered: Catalogue | None = None) -> UUID:
    """Open a merchant with its catalogue, or another, and `size` subscribers; answers its id."""
    merchant_id = open_merchant("bench", "Bench", "test", SELLER, NOW)
    offered = offered or catalogue(new_id)
    publish_catalogue(merchant_id, offered, NOW)
    values = {
        "merchant": merchant_id,
        "now": NOW,
        "size": size,
        "combinations": COMBINATIONS,
        "plans": [plan.id for plan in offered.plans],
        "plan_count": PLANS,
        "add_ons": [add_on.id for add_on in offered.add_ons],
        "add_on_count": ADD_ONS,
    }
    with psycopg.ClientCursor(connection) as cursor:
        # What keeps rows in order takes longer than making them. The rehearsal's proof, which looks
        # for rows that belong to nothing as well, takes its place.
        cursor.execute("set session_replication_role = replica")
        cursor.execute(_SUBSCRIBERS, values)
        cursor.execute("reset session_replication_role")
    connection.execute("vacuum analyze")
    return merchant_id


def catalogue(new_id: Callable[[], UUID]) -> Catalogue:
    """Plans by the unit and add-ons of three kinds; each kind is sold in an account of its own."""
    products = [
        Product(new_id(), code, {"en": code.capitalize()}, revenue_account=f"30{place}0")
        for place, code in enumerate(("line", *KINDS))
    ]
    line, *extras = products
    plans = tuple(
        PlanVersion(
            new_id(), f"line-{n}", 1, {"en": f"Line {n}"}, (_price(new_id(), line, 990 + 75 * n),)
        )
        for n in range(PLANS)
    )
    add_ons = tuple(
        AddOn(
            id=new_id(),
            code=f"{product.code}-{n}",
            version=1,
            names={"en": f"{product.code.capitalize()} {n}"},
            prices=(_price(new_id(), product, 190 + 35 * n + place),),
        )
        for place, product in enumerate(extras)
        for n in range(ADD_ONS)
    )
    return Catalogue(
        "EUR", includes_tax=True, products=tuple(products), plans=plans, add_ons=add_ons
    )


def _price(own: UUID, product: Product, minor: int) -> Price:
    return Price(
        id=own,
        code="month",
        product=product,
        spec=parse_price({"model": "per_unit", "unit_amount": str(Decimal(minor) / 100)}),
        currency="EUR",
        includes_tax=True,
        interval=Interval("month"),
    )
