-- When a goal is paid in full, by its parts, in the same worlds.
create table goals as
select run, any_value(world) as world, any_value(worlds."attacker.0.ask") as goal, any_value(worlds."attacker.0.parts") as parts,
    any_value(worlds."attacker.0.mode") as mode,
    min(day) filter (days.attacker_0_grants >= worlds."attacker.0.parts") as paid
from worlds
join days using (run)
group by run;

create view pairs as
select parted.world, parted.mode, (parted.paid is not null)::int - (one.paid is not null)::int as gain,
    coalesce(parted.paid, 365) - coalesce(one.paid, 365) as days
from goals as parted
join goals as one using (world, goal, mode)
where one.parts = 1 and parted.parts = 10 and goal = 0.1;

create view samples as
select 'gain_' || mode as estimate, world as cluster, gain as value from pairs
union all
select 'days_' || mode, world, days from pairs
union all
select printf('share_%s_%g_%d', mode, goal, parts), world, (paid is not null)::int from goals
union all
select 'share_forbidden', world, (paid is not null)::int from goals where goal = 0.2 and parts = 10 and mode = 'serial';

create view picture as
select printf('%g %% of the pool, %s', 100 * goal, if(mode = 'serial', 'in series', 'at once')) as series, parts as x,
    printf('share_%s_%g_%d', mode, goal, parts) as estimate
from (select distinct goal, parts, mode from goals)
order by mode desc, goal, parts;
