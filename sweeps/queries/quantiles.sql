-- How an outcome is spread over the runs of each point: from quantiles('funds'); after outcomes.sql.
-- Joined with points.parquet it tells the settings: from quantiles('funds') join 'results/points.parquet' using (point).
create or replace macro quantiles(name) as table
select
    point,
    count(*) as runs,
    avg(value) as mean,
    quantile_cont(value, 0.05) as q05,
    quantile_cont(value, 0.25) as q25,
    quantile_cont(value, 0.5) as q50,
    quantile_cont(value, 0.75) as q75,
    quantile_cont(value, 0.95) as q95
from outcomes
where outcome = name
group by point
order by point;
