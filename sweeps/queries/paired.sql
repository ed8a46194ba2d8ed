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
    select lever, avg(difference) as mean
    from pairs
    where uncertain > 1
    group by lever, uncertainty
),
replicates as (
    select lever, avg(difference) as mean
    from pairs
    group by lever, replicate
),
variances as (
    select lever, var_samp(mean) / count(*) as variance, count(*) - 1 as freedom
    from points
    group by lever
    having count(*) > 1
    union all
    select lever, var_samp(mean) / count(*), count(*) - 1
    from replicates
    group by lever
    having count(*) > 1
),
intervals as (
    select
        lever,
        case sum(variance)
            when 0 then 0
            else student(sum(variance) ** 2 / sum(variance ** 2 / freedom)) * sqrt(sum(variance))
        end as half_width
    from variances
    group by lever
)
select
    lever,
    count(*) as worlds,
    avg(difference) as difference,
    avg(difference) - any_value(half_width) as low,
    avg(difference) + any_value(half_width) as high,
    avg(cast(sign * difference > 0 as double)) as share_better
from pairs
left join intervals using (lever)
group by lever
order by lever;
