-- Estimates from the samples of a study: from estimated(); after a view samples(estimate, cluster, value) with a row per world.
-- A cluster is an uncertain point: its replicates are not independent, so `deviation` is that of the means by cluster. An
-- interval at 95 % is mean ± 1.96 deviation / sqrt(clusters); of a share of worlds, named share_… or critical_…, Wilson's.
-- Missing values are left out of the mean, and counted in `missing`.
create or replace macro estimated() as table
with clusters as (
    select estimate, cluster, avg(value) as mean, count(value) as worlds, count(*) - count(value) as missing
    from samples
    group by estimate, cluster
)
select
    estimate,
    avg(mean order by cluster) as mean,
    stddev_samp(mean order by cluster) as deviation,
    count(mean) as clusters,
    sum(worlds)::bigint as worlds,
    sum(missing)::bigint as missing,
    (starts_with(estimate, 'share_') or starts_with(estimate, 'critical_')) and sum(worlds) = count(mean) as is_share
from clusters
group by estimate
order by estimate;
