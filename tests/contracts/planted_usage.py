"""Wrongs in usage that a superuser plants, and what verify must call them."""

# ruff: noqa: S608 - the SQL is all our own, and the database a throw-away one

from tests.contracts.planted import Wrong, at

ONE = "event_id = 'one'"
USAGE = (
    Wrong("an event's number", at("usage_event", "number = number + 60", ONE), ("I10",)),
    Wrong("an event taken away", at("usage_event", "at = at - interval '1 year'", ONE), ("U1",)),
    Wrong(
        "an event lost",
        f"delete from usage_event where merchant_id = %(town)s and {ONE}",
        ("U1", "I10"),
    ),
    Wrong(
        "an event twice",
        "insert into usage_event select (jsonb_populate_record(e, jsonb_build_object("
        "'key', gen_random_uuid()))).* from usage_event e"
        f" where merchant_id = %(town)s and {ONE}",
        ("U1", "I10"),
    ),
    Wrong(
        "an event's subscription",
        at("usage_event", "subscription_id = gen_random_uuid()", ONE),
        ("N1", "I10"),
    ),
    Wrong("an event left out", at("usage_event", "problem = 'filtered'", ONE), ("I10",)),
    Wrong("what an invoice saw", at("invoice", "usage_seen = 0", "usage_seen > 0"), ("I4", "I10")),
    Wrong(
        "what an invoice can't have seen",
        at("invoice", "usage_seen = 2 ^ 60", "true"),
        ("U4", "I4"),
    ),
    Wrong(
        "a late mark that was passed over",
        "insert into usage_late (merchant_id, subscription_id, ingest_no, since)"
        " select merchant_id, id, 0, start_on from subscription where merchant_id = %(town)s",
        ("U4",),
    ),
    *(
        Wrong(
            f"the {part} kept of usage",
            at("usage_rollup", change, "events > 0"),
            ("U7",),
        )
        for part, change in (
            ("count", "events = events + 1"),
            ("sum", "added = added + 1"),
            ("peak", "highest = highest - 1"),
            ("last batch", "newest_no = newest_no - 1"),
            ("beginning", "start_at = start_at + interval '20 days'"),
        )
    ),
    Wrong(
        "nothing kept where something was used",
        at("usage_rollup", "events = 0, added = 0, highest = null", "events > 0"),
        ("U7",),
    ),
    Wrong(
        "something kept where nothing was used",
        at("usage_rollup", "events = 1, added = 5, highest = 5", "events = 0"),
        ("U7",),
    ),
)
