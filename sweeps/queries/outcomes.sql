-- What every other query here starts from: a row per run and outcome, of runs that reached their horizon; and the intervals of means.
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

-- t of a 95 % interval by Student's law; broken degrees of freedom are rounded down.
create or replace macro student(freedom) as
    case
        when freedom < 31 then
            [
                12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
                2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
            ][greatest(1, floor(freedom * (1 + 1e-12)))::integer]::double
        else
            1.96 + (1.96 ** 3 + 1.96) / (4 * floor(freedom))
            + (5 * 1.96 ** 5 + 16 * 1.96 ** 3 + 3 * 1.96) / (96 * floor(freedom) ** 2)
    end;

-- Variance of the mean of some means; 0 for fewer than two.
create or replace macro variance_of_mean(means) as coalesce(list_var_samp(means) / len(means), 0);

-- Half the width of the 95 % interval of a mean, from the means by uncertain point and those by replicate: it adds both variances, with
-- Satterthwaite's degrees of freedom. Null for fewer than two of either.
create or replace macro half_width(points, replicates) as
    case
        when greatest(coalesce(len(points), 0), coalesce(len(replicates), 0)) < 2 then null
        when variance_of_mean(points) + variance_of_mean(replicates) = 0 then 0
        else
            student(
                (variance_of_mean(points) + variance_of_mean(replicates)) ** 2
                / (
                    variance_of_mean(points) ** 2 / greatest(coalesce(len(points), 0) - 1, 1)
                    + variance_of_mean(replicates) ** 2 / greatest(coalesce(len(replicates), 0) - 1, 1)
                )
            )
            * sqrt(variance_of_mean(points) + variance_of_mean(replicates))
    end;
