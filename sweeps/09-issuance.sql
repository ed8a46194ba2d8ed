-- Growth of the supply in the first year, and the days until the pool is near its target.
create table found as
select run, any_value(world) as world, any_value(worlds."issuance.cap") as cap, any_value(worlds."issuance.target") as target,
    max(days.total_supply) filter (day = 365) / any_value(points."initial.supply") - 1 as growth,
    min(day) filter (abs(days.funds / days.total_supply / worlds."issuance.target" - 1) <= 0.05) as near,
    any_value(points."initial.funds") / any_value(points."initial.supply") as start
from worlds
join days using (run)
join (select point, "initial.supply", "initial.funds" from points) as points on points.point = worlds.point
group by run;

create view samples as
select printf('growth_%s_%g', cap, target) as estimate, world as cluster, growth as value from found
union all
select printf('share_beyond_%s_%g', cap, target), world, (abs(growth) > 0.1)::int from found
union all
select printf('share_near_%s_%g', cap, target), world, (coalesce(near, 9999) <= 365)::int from found
union all
select printf('share_ever_%s_%g', cap, target), world, (near is not null)::int from found;

create view facts as
select 'most_growth' as fact, max(growth) as value from found where cap = 'contract' and target = 0.3;

create view picture as
select if(cap = 'contract', 'deployed cap, throttle / target', 'documented cap, throttle') as series, target as x,
    printf('growth_%s_%g', cap, target) as estimate
from (select distinct cap, target from found)
order by cap, target;

create view theory as
select 'a tenth a year' as series, target as x, 0.1 as y from (select distinct target from found) order by target;
