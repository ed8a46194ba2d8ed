-- What the chain does to a study in real numbers: per half-life and arithmetic the mean proposals granted, the mean
-- days to pass, and the share of worlds in which another number is granted than in real numbers.
-- From the directory that holds the dataset of sweeps/arithmetic.toml as arithmetic.
select
    run.half_life_days,
    run.variant,
    avg(run.proposals_granted) as granted,
    avg(run.mean_days_to_pass) as days_to_pass,
    avg((run.proposals_granted <> real.proposals_granted)::int) as differ
from 'arithmetic/runs/*.parquet' as run
join 'arithmetic/runs/*.parquet' as real using (replicate, half_life_days)
where real.variant = 'real'
group by run.half_life_days, run.variant
order by run.half_life_days, min(run.point);
