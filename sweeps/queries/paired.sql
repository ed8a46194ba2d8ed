-- Paired differences: from paired_differences('funds', 0); after outcomes.sql. How an outcome differs from that of one
-- lever setting, world by world, where all meet the same worlds (randomness = "common").
-- A world is an uncertain point and a replicate; `uncertain` is the number of points of [uncertainties], as in
-- from paired_differences('funds', 0, uncertain := 20), and `lever` the number of the lever setting, else the point. For an
-- outcome that should be small: sign := -1.
-- Neither the replicates of one uncertain point are independent nor those of one number, whose random numbers are the same: the
-- variance of the 95 % interval adds that of the means by point to that of the means by replicate; of a single point, it is that of
-- its replicates. `conviction robust --reference` gives the same numbers.
create or replace macro paired_differences(name, base, uncertain := 1, sign := 1) as table
with worlds as (
    select point // uncertain as lever, point % uncertain as uncertainty, replicate, value
    from outcomes
    where outcome = name
),
pairs as (
    select other.lever, uncertainty, replicate, other.value - one.value as difference
    from worlds as one
    join worlds as other using (uncertainty, replicate)
    where one.lever = base and other.lever <> base
),
points as (
    select lever, list(mean) as by_point
    from (select lever, avg(difference) as mean from pairs where uncertain > 1 group by lever, uncertainty)
    group by lever
),
replicates as (
    select lever, list(mean) as by_replicate
    from (select lever, avg(difference) as mean from pairs group by lever, replicate)
    group by lever
)
select
    lever,
    count(*) as worlds,
    avg(difference) as difference,
    avg(difference) - half_width(any_value(by_point), any_value(by_replicate)) as low,
    avg(difference) + half_width(any_value(by_point), any_value(by_replicate)) as high,
    avg(cast(sign * difference > 0 as double)) as share_better
from pairs
left join points using (lever)
left join replicates using (lever)
group by lever
order by lever;
