-- Regret: from regret('funds'); after outcomes.sql. How much each lever setting loses against the best in each world: the
-- greatest outcome of any lever setting there, less its own. Worlds and `uncertain` as in paired.sql; for an outcome that
-- should be small, sign := -1.
-- A world in which some lever setting has no value is left out, and `left_out` says how many are; with empties := 'worst', a
-- missing value counts as the worst one seen, and no world is left out. `half_width` is that of the mean's interval, at 95 %,
-- as in paired.sql. `conviction robust` gives the same numbers.
create or replace macro regret(name, uncertain := 1, sign := 1, empties := 'leave out') as table
with own as (
    select point, replicate, sign * value as value
    from outcomes
    where outcome = name
),
worlds as (
    select
        point // uncertain as lever,
        point % uncertain as uncertainty,
        replicate,
        case when empties = 'worst' then coalesce(value, (select min(value) from own)) else value end as value
    from runs
    left join own using (point, replicate)
),
compared as (
    select
        lever,
        uncertainty,
        replicate,
        max(value) over world - value as regret,
        count(value) over world = count(*) over world as is_whole
    from worlds
    window world as (partition by uncertainty, replicate)
),
points as (
    select lever, list(mean) as by_point
    from (select lever, avg(regret) as mean from compared where uncertain > 1 and is_whole group by lever, uncertainty)
    group by lever
),
replicates as (
    select lever, list(mean) as by_replicate
    from (select lever, avg(regret) as mean from compared where is_whole group by lever, replicate)
    group by lever
)
select
    lever,
    count(*) filter (is_whole) as worlds,
    count(*) filter (not is_whole) as left_out,
    avg(regret) filter (is_whole) as mean,
    half_width(any_value(by_point), any_value(by_replicate)) as half_width,
    quantile_cont(regret, 0.9) filter (is_whole) as q90,
    max(regret) filter (is_whole) as greatest,
    avg(cast(regret = 0 as double)) filter (is_whole) as share_best
from compared
left join points using (lever)
left join replicates using (lever)
group by lever
order by lever;
