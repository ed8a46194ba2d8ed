-- How an outcome differs from that of one lever setting, world by world, where all meet the same worlds
-- (randomness = "common"): from paired_differences('funds', 0); after outcomes.sql.
-- A world is a replicate; with [levers] and [uncertainties], an uncertain point and a replicate: say how many points
-- [uncertainties] has, from paired_differences('funds', 0, uncertain := 20). `lever` is then the number of the lever
-- setting, else the point. The interval is that of the mean, at 95 %, by the normal law.
create or replace macro paired_differences(name, base, uncertain := 1) as table
with worlds as (
    select point // uncertain as lever, point % uncertain as uncertainty, replicate, value
    from outcomes
    where outcome = name
)
select
    other.lever,
    count(*) as worlds,
    avg(other.value - one.value) as difference,
    avg(other.value - one.value) - 1.96 * stddev_samp(other.value - one.value) / sqrt(count(*)) as low,
    avg(other.value - one.value) + 1.96 * stddev_samp(other.value - one.value) / sqrt(count(*)) as high,
    avg(cast(other.value > one.value as double)) as share_better
from worlds as one
join worlds as other using (uncertainty, replicate)
where one.lever = base and other.lever <> base
group by other.lever
order by other.lever;
