-- Paired differences: from paired_differences('funds', 0); after outcomes.sql. How an outcome differs from that of one
-- lever setting, world by world, where all meet the same worlds (randomness = "common").
-- A world is an uncertain point and a replicate; `uncertain` is the number of points of [uncertainties], as in
-- from paired_differences('funds', 0, uncertain := 20), and `lever` the number of the lever setting, else the point. For an
-- outcome that should be small: sign := -1.
-- Replicates of one uncertain point are not independent, so the interval, at 95 % by the normal law, is that of the means by
-- point; of a single point, that of its replicates. `conviction robust --reference` gives the same numbers.
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
clusters as (
    select lever, avg(difference) as mean
    from pairs
    group by lever, uncertainty, case when uncertain = 1 then replicate end
),
intervals as (
    select lever, count(*) as clusters, 1.96 * stddev_samp(mean) / sqrt(count(*)) as half_width
    from clusters
    group by lever
)
select
    lever,
    count(*) as worlds,
    any_value(clusters) as clusters,
    avg(difference) as difference,
    avg(difference) - any_value(half_width) as low,
    avg(difference) + any_value(half_width) as high,
    avg(cast(sign * difference > 0 as double)) as share_better
from pairs
join intervals using (lever)
group by lever
order by lever;
