-- What is granted in the week after a change, beyond the same world without one.
create view weeks as
select world, variant, change_0_funds_granted_within_7_days / "initial.funds" as week,
    if(arithmetic = 'contract', ', contract', '') as arithmetic, half_life_days as before, "change.0.half_life_days" as after,
    if(arithmetic = 'contract', 'contract', "change.0.accrued") as accrued
from worlds
join (select point, arithmetic, half_life_days, "change.0.half_life_days", "change.0.accrued" from points) using (point);

create view bursts as
select changed.world, changed.before, changed.after, changed.accrued, changed.week - same.week as burst, same.week as usual
from weeks as changed
join weeks as same using (world, before, arithmetic)
where same.after = before and changed.after <> before;

create view samples as
select if(after < before, 'shorter_', 'longer_') || accrued as estimate, world as cluster, burst as value
from bursts
where before <> 7
union all
select printf('burst_%g_%g_%s', before, after, accrued), world, burst from bursts
union all
select 'usual', world, usual from bursts where before = 14 and accrued = 'carry';

create view picture as
select accrued as series, printf('from %g to %g days', before, after) as x, printf('burst_%g_%g_%s', before, after, accrued) as estimate
from (select distinct before, after, accrued from bursts)
order by accrued, before desc;
