-- The days with the shares of each status, which the table does not hold by default: from day_shares.
-- Before it: create view days as from 'results/days/*.parquet'; or a variable `days` of Python that holds the table.
create or replace view day_shares as
select
    run, point, replicate, day,
    candidate_count / nullif(proposals, 0) as candidate_share,
    active_count / nullif(proposals, 0) as active_share,
    completed_count / nullif(proposals, 0) as completed_share,
    failed_count / nullif(proposals, 0) as failed_share,
    killed_count / nullif(proposals, 0) as killed_share,
    candidate_funds / nullif(requested, 0) as candidate_funds_share,
    active_funds / nullif(requested, 0) as active_funds_share,
    completed_funds / nullif(requested, 0) as completed_funds_share,
    failed_funds / nullif(requested, 0) as failed_funds_share,
    killed_funds / nullif(requested, 0) as killed_funds_share
from (
    select
        *,
        candidate_count + active_count + completed_count + failed_count + killed_count as proposals,
        candidate_funds + active_funds + completed_funds + failed_funds + killed_funds as requested
    from days
);
