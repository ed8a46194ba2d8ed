-- How much is lost by a lever setting, as against the best in each world: from regret('funds'); after outcomes.sql.
-- The regret of lever l in world w is the greatest outcome of any lever there, less that of l; for an outcome that is
-- to be small, from regret('killed_count', sign := -1). Worlds and `uncertain` as in paired.sql. Only worlds in which
-- every lever has the outcome count.
create or replace macro regret(name, uncertain := 1, sign := 1) as table
with worlds as (
    select point // uncertain as lever, point % uncertain as uncertainty, replicate, sign * value as value
    from outcomes
    where outcome = name
),
regrets as (
    select
        lever,
        max(value) over world - value as regret,
        count(*) over world as levers
    from worlds
    window world as (partition by uncertainty, replicate)
)
select
    lever,
    count(*) as worlds,
    avg(regret) as mean,
    quantile_cont(regret, 0.9) as q90,
    max(regret) as greatest,
    avg(cast(regret = 0 as double)) as share_best
from regrets
where levers = (select count(distinct lever) from worlds)
group by lever
order by lever;
