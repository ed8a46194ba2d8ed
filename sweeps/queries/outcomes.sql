-- What every other query here starts from: a row per run and outcome, of runs that reached their horizon.
-- Before it: create view runs as from 'results/runs/*.parquet'; or a variable `runs` of Python that holds the table.
create or replace view outcomes as
select point, replicate, outcome, value
from (
    unpivot (
        select point, replicate, try_cast(columns(* exclude (run, point, replicate, status, reason)) as double)
        from runs
        where status = 'completed'
    )
    on columns(* exclude (point, replicate)) into name outcome value value
);
