-- Whether the pool is kept over three years, and the issuance at which it is with chance a half.
create view found as
select worlds.world, half_life_days as h, minimum_conviction as m, (funds >= "initial.funds")::int as kept,
    proposals_granted / 3 as granted
from worlds;

create view samples as
select printf('critical_%g_%g', h, m) as estimate, world as cluster, kept as value from found
union all
select printf('granted_%g_%g', h, m), world, granted from found
union all
select 'strict_less', world, strict.kept - loose.kept
from found as strict
join found as loose using (world)
where strict.h = 14 and strict.m = 0.15 and loose.h = 3 and loose.m = 0.02;

create view curves as
select distinct estimate, 0.01 as factor, -ln(1000) as rate from samples where starts_with(estimate, 'critical_');

create view picture as
select printf('half-life %g days', h) as series, m as x, printf('critical_%g_%g', h, m) as estimate
from (select distinct h, m from found)
order by h, m;

create view theory as
select 'published rate' as series, m as x, 0.001 as y from (select distinct m from found) order by m;
