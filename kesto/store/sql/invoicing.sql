-- Wallets, what they paid, and write-offs. Merchants are walled off already: checking a new key
-- wants to know whose rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table wallet add constraint wallet_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table wallet add constraint wallet_customer_fk
    foreign key (merchant_id, customer_id) references customer (merchant_id, id);
alter table wallet add constraint wallet_billing_entity_fk
    foreign key (merchant_id, billing_entity_id) references billing_entity (merchant_id, id);
alter table wallet_use drop constraint wallet_use_pkey;
alter table wallet_use add primary key (merchant_id, id);
alter table wallet_use add constraint wallet_use_wallet_fk
    foreign key (merchant_id, customer_id, billing_entity_id, currency)
    references wallet (merchant_id, customer_id, billing_entity_id, currency);
alter table wallet_use add constraint wallet_use_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table wallet_use add constraint wallet_use_customer_fk
    foreign key (merchant_id, customer_id) references customer (merchant_id, id);
alter table wallet_use add constraint wallet_use_billing_entity_fk
    foreign key (merchant_id, billing_entity_id) references billing_entity (merchant_id, id);
alter table wallet_use add constraint wallet_use_invoice_fk
    foreign key (merchant_id, invoice_id) references invoice (merchant_id, id);
alter table write_off drop constraint write_off_pkey;
alter table write_off add primary key (merchant_id, id);
alter table write_off add constraint write_off_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table write_off add constraint write_off_customer_fk
    foreign key (merchant_id, customer_id) references customer (merchant_id, id);
alter table write_off add constraint write_off_billing_entity_fk
    foreign key (merchant_id, billing_entity_id) references billing_entity (merchant_id, id);
alter table write_off add constraint write_off_invoice_fk
    foreign key (merchant_id, invoice_id) references invoice (merchant_id, id);
alter table recovery drop constraint recovery_pkey;
alter table recovery add primary key (merchant_id, id);
alter table recovery add constraint recovery_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table recovery add constraint recovery_write_off_fk
    foreign key (merchant_id, write_off_id) references write_off (merchant_id, id);
alter table recovery add constraint recovery_payment_fk
    foreign key (merchant_id, payment_id) references payment (merchant_id, id);

-- Credit that customers have from before: what the ledger says. The owner sees it for a moment.
alter table posting no force row level security;
alter table journal_entry no force row level security;
insert into wallet (merchant_id, customer_id, billing_entity_id, currency, balance_minor)
select p.merchant_id, e.customer_id, e.billing_entity_id, p.currency, -sum(p.amount_minor)
from posting p join journal_entry e on e.merchant_id = p.merchant_id and e.id = p.entry_id
where p.account = 'customer_credit' and e.customer_id is not null
group by p.merchant_id, e.customer_id, e.billing_entity_id, p.currency
having -sum(p.amount_minor) > 0;
alter table posting force row level security;
alter table journal_entry force row level security;

select guard_table('wallet', false), guard_table('wallet_use', true),
    guard_table('write_off', true), guard_table('recovery', true);
-- Most payers have nothing: a run finds those who have without looking at the others.
create index wallet_with_credit on wallet (merchant_id, customer_id) where balance_minor > 0;
grant update (uses_credit) on merchant to kesto_app;
