-- Total-effect indices of half-life, β and m, and the share of the pool that each grant takes.
-- Saltelli's rows are A, then A with a column of B for each input, then B: five a base point.
create table grants as
select proposals.point, proposals.run, funds_requested / (days.funds + p.gamma * days.total_supply) as share, p.beta - sqrt(p.rho) as limit_
from proposals
join days on days.run = proposals.run and days.day = proposals.day_passed - 1
join (select point, gamma, beta, rho from points) as p on p.point = proposals.point
where day_passed is not null;

create table outcomes as
select point, avg(proposals_granted order by replicate) as granted, avg(mean_days_to_pass order by replicate) as wait, any_value(share) as part
from runs
left join (select point, avg(share order by run, share) as share from grants group by point) using (point)
group by point;

create table long as
select point // 5 as base, point % 5 as row, outcome, value
from (unpivot outcomes on granted, wait, part into name outcome value value);

create table effects as
with moments as (
    select outcome, avg(value order by base, row) as mean, var_samp(value order by base, row) as variance
    from long
    where row in (0, 4)
    group by outcome
)
select outcome, changed.row as input, base, (one.value - changed.value) ** 2 / 2 / variance as effect,
    (one.value - mean) ** 2 / variance - 1 as spread
from long as one
join long as changed using (outcome, base)
join moments using (outcome)
where one.row = 0 and changed.row in (1, 2, 3);

-- Means are the indices, and deviations those of their linearisation.
create table indices as
select outcome, ['', 'half_life', 'beta', 'minimum'][input + 1] as input, base, effect - total * spread as value
from effects
join (select outcome, input, avg(effect order by base) as total from effects group by all) using (outcome, input);

create view samples as
select outcome || '_' || input as estimate, base as cluster, value from indices
union all
select 'part_half_life_less', base, h.value - b.value
from indices as h
join indices as b using (outcome, base)
where outcome = 'part' and h.input = 'half_life' and b.input = 'beta';

create view facts as
select 'beyond_limit' as fact, max(share - limit_) as value from grants
union all
select 'grants', count(*) from grants;

create view picture as
select ['half-life', 'spending limit β', 'minimum conviction'][place] as series, words as x, outcome || '_' || input as estimate
from (values (1, 'half_life'), (2, 'beta'), (3, 'minimum')) as inputs(place, input),
    (values (1, 'part', 'share of the pool per grant'), (2, 'granted', 'proposals granted'), (3, 'wait', 'days to pass'))
        as outcomes_(order_, outcome, words)
order by place, order_;
