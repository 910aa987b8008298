-- Credit grants. Merchants are walled off already: checking a new key wants to know whose rows it
-- may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table credit_grant drop constraint credit_grant_pkey;
alter table credit_grant add primary key (merchant_id, id);
alter table credit_grant add constraint credit_grant_wallet_fk
    foreign key (merchant_id, customer_id, billing_entity_id, currency)
    references wallet (merchant_id, customer_id, billing_entity_id, currency);
alter table credit_grant add constraint credit_grant_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table credit_grant add constraint credit_grant_customer_fk
    foreign key (merchant_id, customer_id) references customer (merchant_id, id);
alter table credit_grant add constraint credit_grant_billing_entity_fk
    foreign key (merchant_id, billing_entity_id) references billing_entity (merchant_id, id);

-- Each wallet becomes one grant: what is left in it and what was used of it. The owner sees the
-- rows for a moment, and tells the uses whose they were.
alter table wallet no force row level security;
alter table wallet_use no force row level security;
insert into credit_grant (merchant_id, id, customer_id, billing_entity_id, currency, kind, origin,
    reason, priority, amount_minor, used_minor, created_at)
select w.merchant_id, gen_random_uuid(), w.customer_id, w.billing_entity_id, w.currency, 'paid',
    'balance', '', 100, w.balance_minor + used.minor, used.minor, now()
from wallet w cross join lateral (
    select coalesce(sum(u.amount_minor), 0)::bigint as minor from wallet_use u
    where u.merchant_id = w.merchant_id and u.customer_id = w.customer_id
        and u.billing_entity_id = w.billing_entity_id and u.currency = w.currency) used
where w.balance_minor + used.minor > 0;
alter table wallet_use disable trigger frozen;
update wallet_use u set grant_id = g.id from credit_grant g
where g.merchant_id = u.merchant_id and g.customer_id = u.customer_id
    and g.billing_entity_id = u.billing_entity_id and g.currency = u.currency;
alter table wallet_use enable trigger frozen;
alter table wallet force row level security;
alter table wallet_use force row level security;

alter table wallet_use alter column grant_id set not null;
alter table wallet_use add constraint wallet_use_grant_fk
    foreign key (merchant_id, grant_id) references credit_grant (merchant_id, id);
alter table payout drop constraint payout_pkey;
alter table payout add primary key (merchant_id, id);
alter table payout add constraint payout_wallet_fk
    foreign key (merchant_id, customer_id, billing_entity_id, currency)
    references wallet (merchant_id, customer_id, billing_entity_id, currency);
alter table payout add constraint payout_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table payout add constraint payout_customer_fk
    foreign key (merchant_id, customer_id) references customer (merchant_id, id);
alter table payout add constraint payout_billing_entity_fk
    foreign key (merchant_id, billing_entity_id) references billing_entity (merchant_id, id);
alter table payout add constraint payout_bank_transaction_fk
    foreign key (merchant_id, bank_transaction_id) references bank_transaction (merchant_id, id);
select guard_table('credit_grant', false), guard_table('payout', false);
create index credit_grant_left on credit_grant
    (merchant_id, customer_id, billing_entity_id, currency) where left_minor > 0;
create index credit_grant_expiring on credit_grant (merchant_id, expires_on)
    where left_minor > 0 and expires_on is not null;
