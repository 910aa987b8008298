-- What came off invoices before tax. Merchants are walled off already: checking a new key wants to
-- know whose rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table credit_taken drop constraint credit_taken_pkey;
alter table credit_taken add primary key (merchant_id, id);
alter table credit_taken add constraint credit_taken_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table credit_taken add constraint credit_taken_grant_fk
    foreign key (merchant_id, grant_id) references credit_grant (merchant_id, id);
alter table credit_taken add constraint credit_taken_invoice_fk
    foreign key (merchant_id, invoice_id) references invoice (merchant_id, id);
select guard_table('credit_taken', true);
