"""A row that makes no sense, or is there a second time, is refused by the database itself."""

from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from kesto.core.price_series import PriceSeries, SeriesValue
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.give_prices import give_prices
from kesto.flows.make_price_series import make_price_series
from kesto.flows.pay_out import pay_out
from kesto.flows.set_alert import NewAlert, set_alert
from kesto.store import approvals
from kesto.store.approvals import Approval
from kesto.store.ids import new_id
from kesto.store.session import writing
from tests.town import ACTOR, Town

CHECKS = {
    "allocation_is_positive": "update allocation set amount_minor = 0",
    "invoice_adds_up": "update invoice set tax_minor = tax_minor + 1",
    "invoice_not_negative": "update invoice set total_minor = -1, net_minor = -1, tax_minor = 0",
    "item_ends_after_start": "update subscription_item set end_on = start_on - 1",
    "item_is_one_thing": "update subscription_item set add_on_id = plan_version_id",
    "billing_hour_of_the_day": "update merchant set billing_hour = 24",
    "grace_up_to_a_month": "update merchant set grace_days = 31",
    "link_lasts_up_to_a_year": "update merchant set portal_link_days = 367",
    "notice_is_up_to_a_year": "update merchant set notice_days = 367",
    "recovery_adds_up": "update recovery set tax_minor = amount_minor + 1",
    "only_test_clocks_move": "update merchant set mode = 'live'",
    "payment_not_overallocated": "update payment set allocated_minor = amount_minor + 1",
    "price_has_one_owner": "update price set plan_version_id = null where add_on_id is null",
    "run_approval_is_decided": "update run_approval set state = 'approved'",
    "run_limit_not_negative": "update merchant set run_limit_minor = -1",
    "settlement_within_total": "update settlement set paid_minor = total_minor + 1",
    "subscription_ends_after_start": "update subscription set end_on = start_on - 1",
    "wallet_not_negative": "update wallet set balance_minor = -1",
    "wallet_use_is_positive": "update wallet_use set amount_minor = 0",
    "credit_grant_adds_up": "update credit_grant set used_minor = amount_minor + 1",
    "payout_is_sound": "update payout set amount_minor = 0",
    "paid_expires_not_given_pays_not_out": "update credit_grant set expires_on = '2026-12-31'",
    "credit_grant_can_be_used": "update credit_grant set kind = 'given',"
    " valid_from = '2027-01-02', expires_on = '2027-01-01'",
    "paid_is_no_discount": "update credit_grant set before_tax = true",
    "credit_taken_is_sound": "update credit_taken set amount_minor = 0",
    "usage_alert_above_zero": "update usage_alert set threshold = 0",
    "usage_kept_long_enough": "update merchant set usage_months = 12",
    "write_off_adds_up": "update write_off set amount_minor = 0",
    "price_value_on_grid": "update price_value set starts_at = starts_at + interval '1 minute'",
}
FURTHER = [
    ("settlement_within_total", "update settlement set paid_minor = -1"),
    ("settlement_within_total", "update settlement set credited_minor = 1"),
    ("settlement_within_total", "update settlement set credited_minor = -1"),
    ("settlement_within_total", "update settlement set written_off_minor = -1"),
    ("write_off_adds_up", "update write_off set tax_minor = 1"),
    ("recovery_adds_up", "update recovery set amount_minor = 0"),
    ("payment_not_overallocated", "update payment set allocated_minor = -1"),
    ("item_is_one_thing", "update subscription_item set plan_version_id = null"),
]


@pytest.fixture
def paid(town: Town, superuser: psycopg.Connection) -> psycopg.Connection:
    """A superuser past every trigger, in a merchant where everything has happened once."""
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    town.pays(invoice, 5)
    customer_id = invoice.invoice.customer_id
    discount = NewCredit(kind="given", amount_minor=5, reason="sorry", before_tax=True)
    give_credit(town.merchant_id, customer_id, discount, town.now, ACTOR)
    (lost,) = town.bill(on="2026-12-01")
    town.writes_off(lost)
    town.pays(lost, 5)
    package = NewCredit(kind="paid", amount_minor=5, reason="package")
    give_credit(town.merchant_id, customer_id, package, town.now, ACTOR)
    iban = "FI2112345600000785"
    pay_out(town.merchant_id, customer_id, 1, iban, "asked", town.now, ACTOR)
    spot = PriceSeries(new_id(), "spot", "Spot", "EUR", "kWh", "hour")
    with writing(town.merchant_id) as session:
        today = town.now.date()
        approvals.add(session, Approval(new_id(), today, ACTOR, town.now, 1, 5, 0, 0, 0))
    make_price_series(town.merchant_id, spot, town.now, ACTOR)
    value = SeriesValue(datetime(2026, 11, 5, tzinfo=UTC), Decimal(1))
    give_prices(town.merchant_id, "spot", [value], town.now, ACTOR)
    metered = town.customer("Eino").subscribes("metered", on="2026-12-01")
    alert = NewAlert("talk", "quantity", Decimal(5))
    set_alert(town.merchant_id, metered, alert, town.now, ACTOR)
    superuser.execute("set local session_replication_role = replica")
    return superuser


@pytest.mark.parametrize(("check", "statement"), [*CHECKS.items(), *FURTHER])
def test_a_row_that_makes_no_sense_is_refused(
    town: Town, paid: psycopg.Connection, check: str, statement: str
) -> None:
    key = "id" if " merchant " in statement else "merchant_id"
    where = "and" if " where " in statement else "where"
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        paid.execute(f"{statement} {where} {key} = %s".encode(), [town.merchant_id])
    assert refused.value.diag.constraint_name == check


def test_every_check_of_the_database_is_tried_above(superuser: psycopg.Connection) -> None:
    rows = superuser.execute(
        "select conname from pg_constraint"
        " where contype = 'c' and connamespace = 'public'::regnamespace"
    )
    assert {name for (name,) in rows} == set(CHECKS)


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("bank_file_once", "bank_file"),
        ("bank_transaction_once", "bank_transaction"),
        ("one_payment_per_transaction", "payment"),
        ("invoice_reference", "invoice"),
        ("customer_external_id", "customer"),
        ("subscription_external_id", "subscription"),
        ("number_series_identity", "number_series"),
        ("billing_group_identity", "billing_group"),
        ("plan_code", "plan"),
        ("product_code", "product"),
        ("billing_entity_code", "billing_entity"),
        ("one_default_payment_method", "payment_method"),
        ("one_channel_per_group", "channel_preference"),
    ],
)
def test_the_same_thing_under_another_id_is_refused(
    town: Town, paid: psycopg.Connection, key: str, table: str
) -> None:
    again = (
        f"insert into {table} select (jsonb_populate_record(t, jsonb_build_object("  # noqa: S608 - the tables above
        f"'id', gen_random_uuid()))).* from {table} t where merchant_id = %s limit 1"
    )
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        paid.execute(again.encode(), [town.merchant_id])
    assert refused.value.diag.constraint_name == key
