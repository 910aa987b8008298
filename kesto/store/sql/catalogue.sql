-- Meters, features and coupons. Merchants are walled off already: checking a new key wants to know
-- whose rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
do $$
declare
    added text;
begin
    foreach added in array array['meter', 'feature', 'coupon', 'coupon_code'] loop
        execute format('alter table %I drop constraint %I', added, added || '_pkey');
        execute format('alter table %I add primary key (merchant_id, id)', added);
        execute format(
            'alter table %I add constraint %I foreign key (merchant_id) references merchant (id)',
            added, added || '_merchant_fk');
        perform guard_table(added::regclass, false);
        -- The office and imports publish them; what they say holds for good.
        execute format('revoke insert, update on %I from kesto_run', added);
        execute format('revoke update on %I from kesto_app', added);
    end loop;
end $$;
alter table coupon_code add constraint coupon_code_coupon_fk
    foreign key (merchant_id, coupon_id) references coupon (merchant_id, id);
grant update (names, unit, late) on meter to kesto_app;
grant update (names) on feature to kesto_app;
grant update (names, valid_until) on coupon to kesto_app;
