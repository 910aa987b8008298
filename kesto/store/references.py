"""Which column of which table refers to which other row of the same merchant.

Only some of these are foreign keys, since those cost a run too much; verify checks them all. A
test compares the list with the tables.
"""

REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("allocation", "payment_id", "payment"),
    ("allocation", "invoice_id", "invoice"),
    ("bank_transaction", "bank_file_id", "bank_file"),
    ("billing_chunk", "run_id", "billing_run"),
    ("billing_entity", "snapshot_sha256", "snapshot"),
    ("billing_group", "billing_entity_id", "billing_entity"),
    ("billing_group", "awaits_series_id", "price_series"),
    ("billing_group", "payer_id", "customer"),
    ("billing_run", "group_id", "billing_group"),
    ("channel_preference", "customer_id", "customer"),
    ("claim", "item_id", "subscription_item"),
    ("claim", "price_id", "price"),
    ("claim", "invoice_id", "invoice"),
    ("contract_term", "subscription_id", "subscription"),
    ("coupon_code", "coupon_id", "coupon"),
    ("credit_grant", "billing_entity_id", "billing_entity"),
    ("credit_grant", "customer_id", "customer"),
    ("credit_taken", "grant_id", "credit_grant"),
    ("credit_taken", "invoice_id", "invoice"),
    ("customer", "person_id", "person"),
    ("customer", "snapshot_sha256", "snapshot"),
    ("delivery_address", "person_id", "person"),
    ("delivery_address", "subscription_id", "subscription"),
    ("delivery_event", "subscription_id", "subscription"),
    ("discount", "coupon_id", "coupon"),
    ("discount", "subscription_id", "subscription"),
    ("explanation", "invoice_id", "invoice"),
    ("invoice", "billing_entity_id", "billing_entity"),
    ("invoice", "billing_group_id", "billing_group"),
    ("invoice", "customer_id", "customer"),
    ("invoice", "seller_sha256", "snapshot"),
    ("invoice", "buyer_sha256", "snapshot"),
    ("invoice", "credits_invoice_id", "invoice"),
    ("invoice_line", "invoice_id", "invoice"),
    ("invoice_line", "item_id", "subscription_item"),
    ("invoice_line", "price_id", "price"),
    ("invoice_line", "product_id", "product"),
    ("invoice_tax", "invoice_id", "invoice"),
    ("issued", "invoice_id", "invoice"),
    ("issued", "series_id", "number_series"),
    ("journal_entry", "billing_entity_id", "billing_entity"),
    ("journal_entry", "customer_id", "customer"),
    ("journey_event", "customer_id", "customer"),
    ("message", "customer_id", "customer"),
    ("message", "fallback_of_id", "message"),
    ("message", "letter_batch_id", "letter_batch"),
    ("notice", "customer_id", "customer"),
    ("notice", "subscription_id", "subscription"),
    ("number_series", "billing_entity_id", "billing_entity"),
    ("payment", "bank_transaction_id", "bank_transaction"),
    ("payment", "customer_id", "customer"),
    ("payment_method", "customer_id", "customer"),
    ("payout", "bank_transaction_id", "bank_transaction"),
    ("payout", "billing_entity_id", "billing_entity"),
    ("payout", "customer_id", "customer"),
    ("plan_version", "plan_id", "plan"),
    ("portal_link", "customer_id", "customer"),
    ("posting", "entry_id", "journal_entry"),
    ("price", "add_on_id", "add_on"),
    ("price", "plan_version_id", "plan_version"),
    ("price", "product_id", "product"),
    ("price_value", "series_id", "price_series"),
    ("quote", "subscription_id", "subscription"),
    ("recovery", "payment_id", "payment"),
    ("recovery", "write_off_id", "write_off"),
    ("run_approval", "earlier_id", "run_approval"),
    ("settlement", "invoice_id", "invoice"),
    ("staff", "person_id", "person"),
    ("staff_secret", "staff_id", "staff"),
    ("subscription", "billing_group_id", "billing_group"),
    ("subscription", "holder_id", "customer"),
    ("subscription", "payer_id", "customer"),
    ("subscription", "user_id", "customer"),
    ("subscription_event", "subscription_id", "subscription"),
    ("subscription_item", "add_on_id", "add_on"),
    ("subscription_item", "billing_group_id", "billing_group"),
    ("subscription_item", "plan_version_id", "plan_version"),
    ("subscription_item", "subscription_id", "subscription"),
    ("usage_event", "meter_id", "meter"),
    ("usage_event", "subscription_id", "subscription"),
    ("usage_alert", "subscription_id", "subscription"),
    ("usage_alert", "meter_id", "meter"),
    ("usage_late", "subscription_id", "subscription"),
    ("usage_rollup", "meter_id", "meter"),
    ("usage_rollup", "subscription_id", "subscription"),
    ("wallet", "billing_entity_id", "billing_entity"),
    ("wallet", "customer_id", "customer"),
    ("wallet_use", "billing_entity_id", "billing_entity"),
    ("wallet_use", "customer_id", "customer"),
    ("wallet_use", "grant_id", "credit_grant"),
    ("wallet_use", "invoice_id", "invoice"),
    ("write_off", "billing_entity_id", "billing_entity"),
    ("write_off", "customer_id", "customer"),
    ("write_off", "invoice_id", "invoice"),
)

ITS_OWN = {("claim", "price_id"): "item_id", ("invoice_line", "price_id"): "item_id"}
"""Where a column may refer to what another column of its row names: what is sold once beside a
plan is its own price."""

SUBJECTS: tuple[tuple[str, str, str, str], ...] = (
    ("archived_document", "kind", "invoice", "invoice"),
    ("archived_document", "kind", "credit_note", "invoice"),
    ("archived_document", "kind", "receipt", "payment"),
    ("archived_document", "kind", "notice", "notice"),
    ("message", "kind", "invoice.issued", "invoice"),
    ("message", "kind", "credit_note.issued", "invoice"),
    ("message", "kind", "payment.received", "payment"),
    ("message", "kind", "portal.link", "customer"),
    ("message", "kind", "subscription.notice", "notice"),
    ("outbox", "topic", "invoice.issued", "invoice"),
    ("outbox", "topic", "credit_note.issued", "invoice"),
    ("outbox", "topic", "payment.received", "payment"),
    ("outbox", "topic", "portal.link", "customer"),
    ("outbox", "topic", "subscription.notice", "notice"),
)
"""What the column `subject_id` of a table refers to, as another column says."""

OTHER_IDS: frozenset[tuple[str, str]] = frozenset(
    {
        ("billing_group", "separate_for"),  # a subscription, or an invoice written by hand
        ("bank_transaction", "end_to_end_id"),  # the payer's own
        ("bank_file", "message_id"),  # the bank's own
        ("customer", "external_id"),  # the merchant's own
        ("customer", "business_id"),  # the state's
        ("customer", "vat_id"),
        ("billing_entity", "business_id"),
        ("billing_entity", "vat_id"),
        ("subscription", "external_id"),
        ("delivery_event", "external_id"),  # the carrier's own, or the merchant's
        ("letter_batch", "pdf_sha256"),  # of its own files
        ("quote", "lines_sha256"),  # of what it showed
        ("letter_batch", "list_sha256"),
        ("usage_move", "subscription_id"),  # how far it came: the last event of a list
        ("usage_move", "meter_id"),
        ("usage_move", "key"),
        ("message", "document_sha256"),  # of a blob
        ("message", "subject_id"),  # of one noun or another: see SUBJECTS
        ("archived_document", "subject_id"),
        ("outbox", "subject_id"),
        ("placing_change", "own"),  # a customer or a subscription
        ("portal_link", "subject_id"),
        ("web_session", "subject_id"),
        ("credit_grant", "source_id"),  # a payment or a credit note
        ("payout", "clearing_id"),  # of its own journal entry
        ("staff", "email_sha256"),  # found by it before the merchant is known
        ("staff_secret", "link_sha256"),
        ("billing_chunk", "first_group_id"),  # where a range begins
        ("billing_chunk", "last_group_id"),
        ("add_on", "content_sha256"),  # of its own content
        ("plan_version", "content_sha256"),
        ("idempotency", "resource_id"),
        ("usage_event", "event_id"),  # the sender's own
        ("usage_event", "key"),  # of source and id
        ("event_key", "key"),
        ("dead_letter", "event_id"),  # the sender's own, as all of it
        ("dead_letter", "key"),
        ("dead_letter", "digest"),
        ("event_key", "content"),  # of all that the event said
    }
)
"""Columns named like references that are none."""
