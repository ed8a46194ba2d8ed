-- The share of the votes with which one holder passes an ordinary request within 90 days.
create view found as
select world, variant, "initial.voting_share" as turnout, "voting.min_share" as least, (attacker_0_grants > 0)::int as passed
from worlds;

create view samples as
select printf('critical_%s_%g_%g', variant, turnout, least) as estimate, world as cluster, passed as value from found;

create view curves as
select distinct estimate, 0.5 as factor, -ln(100) as rate from samples;

create view picture as
select printf('%s, least share %g %%', if(variant = 'tec', 'TEC', 'Gardens default'), 100 * least) as series, turnout as x,
    printf('critical_%s_%g_%g', variant, turnout, least) as estimate
from (select distinct variant, turnout, least from found)
order by variant, least, turnout;

create view theory as
select 'largest holder of TEC, 8.7 %' as series, turnout as x, 0.087 as y from (select distinct turnout from found)
union all
select 'largest holder of the Commons Stack, 20.7 %', turnout, 0.207 from (select distinct turnout from found)
order by series desc, x;
