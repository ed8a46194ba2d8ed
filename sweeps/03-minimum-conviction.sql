-- How the pool's life follows the minimum conviction, world by world.
create view strengths as
select *, "attacker.0.share" as share, minimum_conviction as m, half_life_days as h, ln(attacker_0_days_to_half) as days
from worlds;

create view slopes as
select more.h, more.m, more.world, (more.days - less.days) / ln(2) as slope
from strengths as more
join strengths as less on more.world = less.world and more.h = less.h and more.m = 2 * less.m
where more.share >= 5 * more.m;

create view samples as
select 'slope_' || h::int as estimate, world as cluster, slope as value from slopes
union all
select printf('slope_%d_%g', h::int, m), world, slope from slopes
union all
select 'share_held', world, (days.attacker_0_take / "initial.funds" <= 0.1)::int
from strengths
join (select run, attacker_0_take from days where day = 365) as days using (run)
join (select point, "initial.funds" from points) using (point)
where share >= 5 * m and h = 3 and m = 0.008
union all
select printf('days_%d_%g', h::int, m), world, attacker_0_days_to_half from strengths where share >= 0.16 and m <= 0.032;

create view facts as
select 'below_minimum' as fact, max(attacker_0_take_share) as value from strengths where share <= m
union all
select 'worlds_below', count(*) from strengths where share <= m;

create view picture as
select printf('half-life %d days', h::int) as series, m as x, printf('days_%d_%g', h::int, m) as estimate
from (select distinct h, m from strengths where m <= 0.032)
order by h, m;

create view theory as
select 'in continuous time' as series, m as x, 6.75 * m * h / (0.2 * 0.18) as y
from (select distinct h, m from strengths where m <= 0.032)
where h = 30
order by m;
