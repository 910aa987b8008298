"""What a process does that is killed in the middle of it; each may be done again."""

from datetime import timedelta
from uuid import UUID

from kesto.core.changes import Cancel
from kesto.core.ids import shown
from kesto.core.refusals import Conflict, NotAllowed, NotFound, Refused
from kesto.flows import bill
from kesto.flows.answer_once import answer_once
from kesto.flows.change_subscription import change_subscription
from kesto.flows.close_month import close_month
from kesto.flows.credit import credit
from kesto.flows.expire_credit import expire_credit
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.import_customers import import_customers
from kesto.flows.issue_now import issue_now
from kesto.flows.live_through import live_through
from kesto.flows.match_payment import import_bank_file, settle
from kesto.flows.mend_events import replay
from kesto.flows.pay_out import pay_out
from kesto.flows.quote_change import confirm_quote, quote_change
from kesto.flows.write_off import write_off
from kesto.store import invoices
from kesto.store.idempotency import Answer, Asked
from kesto.store.session import reading
from kesto.store.usage import letters
from tests.faults import contract_deeds
from tests.faults.village import FIRST_DAY, bank_file, morning, opened, settled, villagers

FEW = 60
"""Villagers where it does not matter how many: enough for each of the bank's flaws."""
GROUPS = 300
CHUNK_GROUPS = 50
NOW = morning(FIRST_DAY)
THREE_MONTHS = timedelta(weeks=14)
ACTOR = "the village's clerk"

# What says that a deed was done before and is not done twice; the others just add nothing.
DONE_BEFORE: dict[str, type[Refused]] = {
    "settle": NotFound,
    "credit": Conflict,
    "write_off": Conflict,
    "give": Conflict,
    "sell": Conflict,
    "pay_back": Conflict,
    "close": NotAllowed,
    "issue": NotFound,
    "change": Conflict,
    "confirm": Conflict,
}


def ready_for(deed: str) -> UUID:
    """A merchant for whom the deed is the next thing to do."""
    if deed in {"answer", "import"}:
        return opened()
    merchant_id = settled(GROUPS if deed == "bill" else FEW)
    if deed not in {"bill", "issue"}:
        bill.bill(merchant_id, FIRST_DAY, NOW)
    if deed in {"settle", "credit", "write_off"}:
        match(merchant_id)
    if deed == "remind":
        contract_deeds.pause(merchant_id, a_subscription(merchant_id))
    before = {
        "migrate": contract_deeds.publish_again,
        "confirm": quote,
        "send": contract_deeds.meter,
        "roll_up": meter_and_send,
        "mend": lose,
        "watch": contract_deeds.use,
        "pay_back": sell,
        "expire": give,
        "issue": give_before_tax,
    }
    if deed in before:
        before[deed](merchant_id)
    return merchant_id


def bill_in_chunks(merchant_id: UUID) -> int:
    """A billing run in small chunks, resumed where it was left."""
    return bill.work(bill.begin(merchant_id, FIRST_DAY, NOW, CHUNK_GROUPS), NOW)


def import_villagers(merchant_id: UUID) -> None:
    """The customers and their subscriptions come in."""
    import_customers(merchant_id, *villagers(FEW), NOW)


def answer(merchant_id: UUID) -> None:
    """A request under a key: the same import, kept with its answer."""

    def work(_session: object) -> Answer:
        import_villagers(merchant_id)
        return Answer(201, {}, b"{}")

    answer_once(merchant_id, Asked("a key POST /v1/villagers", "k", b"the same"), work, NOW)


def match(merchant_id: UUID) -> None:
    """The bank's file comes in."""
    import_bank_file(merchant_id, bank_file(merchant_id), "october.xml", NOW)


def settle_by_hand(merchant_id: UUID) -> None:
    """A person says which invoice a payment without a reference is for."""
    with reading(merchant_id) as session:
        ((transaction_id,),) = session.rows(
            'select id from bank_transaction where "references" = %s and texts = %s'
            " order by entry_key limit 1",
            *([], []),
        )
        ((invoice_id,),) = session.rows(
            "select id from invoice n where not exists (select from allocation a"
            " join payment p on p.id = a.payment_id and p.bank_transaction_id <> %s"
            " where a.invoice_id = n.id) order by reference limit 1",
            transaction_id,
        )
        number = invoices.numbers_of(session, [invoice_id])[invoice_id]
    settle(merchant_id, transaction_id, number, NOW, ACTOR)


def credit_one(merchant_id: UUID) -> None:
    """An invoice that was paid in part is taken back."""
    with reading(merchant_id) as session:
        ((invoice_id,),) = session.rows(
            "select n.id from invoice n join settlement s on s.invoice_id = n.id"
            " where s.paid_minor > 0 and s.paid_minor < n.total_minor order by n.reference limit 1"
        )
        number = invoices.numbers_of(session, [invoice_id])[invoice_id]
    credit(merchant_id, number, "a mistake", NOW, ACTOR)


def write_off_one(merchant_id: UUID) -> None:
    """What is open of an invoice that was paid in part is given up."""
    with reading(merchant_id) as session:
        ((invoice_id,),) = session.rows(
            "select n.id from invoice n join settlement s on s.invoice_id = n.id"
            " where s.paid_minor > 0 and s.paid_minor < n.total_minor order by n.reference limit 1"
        )
        number = invoices.numbers_of(session, [invoice_id])[invoice_id]
    write_off(merchant_id, number, "moved away", NOW, ACTOR)


def give(merchant_id: UUID) -> None:
    """A customer is given credit that expires in a week."""
    with reading(merchant_id) as session:
        ((customer_id,),) = session.rows("select id from customer order by external_id limit 1")
    wanted = NewCredit(
        kind="given",
        amount_minor=500,
        reason="sorry",
        expires_on=FIRST_DAY + timedelta(days=7),
    )
    give_credit(merchant_id, customer_id, wanted, NOW, ACTOR, grant_id=merchant_id)


def give_before_tax(merchant_id: UUID) -> None:
    """Who is invoiced first is given a discount on it."""
    with reading(merchant_id) as session:
        ((payer_id,),) = session.rows("select payer_id from billing_group order by id limit 1")
    wanted = NewCredit(kind="given", amount_minor=5, reason="sorry", before_tax=True)
    give_credit(merchant_id, payer_id, wanted, NOW, ACTOR)


def sell(merchant_id: UUID) -> None:
    """A customer has paid for credit at the desk."""
    with reading(merchant_id) as session:
        ((customer_id,),) = session.rows("select id from customer order by external_id limit 1")
    wanted = NewCredit(kind="paid", amount_minor=500, reason="prepaid")
    give_credit(merchant_id, customer_id, wanted, NOW, ACTOR, grant_id=merchant_id)


def pay_back(merchant_id: UUID) -> None:
    """What was paid at the desk goes back to the customer's account."""
    with reading(merchant_id) as session:
        ((customer_id,),) = session.rows("select id from customer order by external_id limit 1")
    iban = "FI2112345600000785"
    pay_out(merchant_id, customer_id, 500, iban, "moves away", NOW, ACTOR)


def expire(merchant_id: UUID) -> None:
    """The credit was not used in time."""
    expire_credit(merchant_id, morning(FIRST_DAY + timedelta(days=8)))


def close(merchant_id: UUID) -> None:
    """October is closed."""
    close_month(merchant_id, "2026-10", NOW, ACTOR)


def issue(merchant_id: UUID) -> None:
    """A draft of the village is issued."""
    with reading(merchant_id) as session:
        ((group_id,),) = session.rows("select min(id::text)::uuid from billing_group")
    issue_now(merchant_id, group_id, NOW, ACTOR)


def change(merchant_id: UUID) -> None:
    """A subscription is cancelled."""
    change_subscription(merchant_id, a_subscription(merchant_id), Cancel(), NOW, ACTOR)


def quote(merchant_id: UUID) -> None:
    """What cancelling would come to is kept."""
    quote_change(merchant_id, a_subscription(merchant_id), Cancel(), NOW)


def confirm(merchant_id: UUID) -> None:
    """The quote is carried out."""
    with reading(merchant_id) as session:
        ((quote_id,),) = session.rows("select id from quote order by id limit 1")
    confirm_quote(merchant_id, shown("quote", quote_id), NOW, ACTOR)


def send(merchant_id: UUID) -> None:
    """Events come in, the same ones each time."""
    contract_deeds.send(merchant_id, a_subscription(merchant_id))


def meter_and_send(merchant_id: UUID) -> None:
    """Events that are there before anything is kept of them."""
    contract_deeds.meter(merchant_id)
    send(merchant_id)


def lose(merchant_id: UUID) -> None:
    """The same events came in before there was a meter for them."""
    send(merchant_id)
    contract_deeds.meter(merchant_id)


def mend(merchant_id: UUID) -> None:
    """What was rejected is sent again."""
    with reading(merchant_id) as session:
        ids = [one.id for one in letters.letters(session)]
    replay(merchant_id, ids, NOW, ACTOR)


def live(merchant_id: UUID) -> None:
    """Time passes, three months of it."""
    live_through(merchant_id, morning(FIRST_DAY + THREE_MONTHS))


def a_subscription(merchant_id: UUID) -> str:
    """One of the village's subscriptions."""
    with reading(merchant_id) as session:
        ((external_id,),) = session.rows(
            "select external_id from subscription where coalesce(end_on, %s + 1) > %s"
            " order by external_id limit 1",
            *(FIRST_DAY, FIRST_DAY),
        )
    return str(external_id)
