-- Price series: what is given stays, so an invoice can be computed anew at any time.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table price_series drop constraint price_series_pkey;
alter table price_series add primary key (merchant_id, id);
alter table price_series add constraint price_series_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table price_value add constraint price_value_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table price_value add constraint price_value_series_fk
    foreign key (merchant_id, series_id) references price_series (merchant_id, id);
alter table price_value alter column amount type numeric;
-- A price that no interval begins with would never be found.
alter table price_value add constraint price_value_on_grid
    check (date_bin('15 minutes', starts_at, timestamptz 'epoch') = starts_at);
select guard_table('price_series', true), guard_table('price_value', true);

-- A group that waits for prices names the series, and goes back to work when prices come.
alter table billing_group add constraint billing_group_awaits_series_fk
    foreign key (merchant_id, awaits_series_id) references price_series (merchant_id, id);
create index groups_awaiting_prices on billing_group (merchant_id, awaits_series_id)
    where awaits_series_id is not null;
