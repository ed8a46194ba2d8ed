-- What accounts gain, in the share of the pool that is taken, against one account in the same world.
create view taken as
select world, split_part(variant, ', ', 1) as kind, split_part(variant, ', ', 2)::double as much,
    attacker_0_take_share + attacker_1_take_share as share
from worlds;

create view gains as
select more.world, more.kind, more.much::int as accounts, more.share - one.share as gain
from taken as more
join taken as one using (world, kind)
where one.much = 1 and kind not in ('pooled', 'apart');

create view collusion as
select apart.world, apart.much as held, pooled.share - apart.share as gain
from taken as apart
join taken as pooled using (world)
where apart.kind = 'apart'
    and (pooled.kind = 'pooled' and pooled.much = apart.much or pooled.kind = 'tokens' and pooled.much = 1 and apart.much = 0.1);

create view samples as
select printf('gain_%s_%d', kind, accounts) as estimate, world as cluster, gain as value from gains
union all
select 'gain_' || kind, world, gain from gains where accounts = 50
union all
select 'gain_collusion', world, gain from collusion where held = 0.1
union all
select printf('collusion_%g', held), world, gain from collusion
union all
select 'take', world, share from taken where kind = 'tokens' and much = 1;

create view facts as
select 'greatest_' || kind as fact, max(abs(gain)) as value from gains where kind in ('tokens', 'contract') group by kind;

create view picture as
select words as series, accounts as x, printf('gain_%s_%d', kind, accounts) as estimate
from (values
    (1, 'tokens', 'tokens'), (2, 'quadratic', 'square root of tokens'), (3, 'capped', 'tokens up to 500'),
    (4, 'many', 'tokens, in the contract, 20 requests at once')) as names(place, kind, words),
    (values (1), (2), (10), (50)) as all_accounts(accounts)
order by place, accounts;
