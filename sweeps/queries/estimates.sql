-- Estimates from the samples of a study: from estimated(); after a view samples(estimate, cluster, value) with a row per world,
-- and `set variable streams = 1`.
-- Where every world has its own random numbers, a cluster is an uncertain point. Where replicates share theirs over all uncertain
-- points (randomness = "common"), `streams` is the number of replicates and a cluster is streams · uncertain point + replicate:
-- then neither the worlds of a point nor those of a replicate are independent, and `error` adds the variance of both means.
-- An interval at 95 % is mean ± 1.96 error, or Wilson's for shares of worlds, named share_… or critical_…. Missing values are left out of the mean, and counted in
-- `missing`.
create or replace macro estimated() as table
with placed as (
    select estimate, cluster // getvariable('streams') as point, cluster % getvariable('streams') as stream, value
    from samples
),
points as (
    select estimate, point, avg(value) as mean, count(value) as worlds, count(*) - count(value) as missing
    from placed
    group by estimate, point
),
streams as (
    select estimate, stream, avg(value) as mean
    from placed
    group by estimate, stream
),
streams_error as (
    select estimate, coalesce(var_samp(mean order by stream) / count(mean), 0) as variance
    from streams
    group by estimate
)
select
    estimate,
    avg(points.mean order by point) as mean,
    sqrt(coalesce(var_samp(points.mean order by point) / count(points.mean), 0) + any_value(variance)) as error,
    sum(worlds)::bigint as worlds,
    sum(missing)::bigint as missing,
    starts_with(estimate, 'share_') or starts_with(estimate, 'critical_') as is_share
from points
join streams_error using (estimate)
group by estimate
order by estimate;
