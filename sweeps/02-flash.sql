-- The share of votes that passes a third of β, staked for some days.
create view samples as
select 'share_passed_' || "attacker.0.hold" || '_' || variant as estimate, world as cluster, (attacker_0_grants > 0)::int as value
from worlds
union all
select
    'critical_' || "attacker.0.hold" || '_' || variant,
    world,
    (attacker_0_grants > 0)::int
from worlds;

-- P(passed) = (ln 0.9 − ln s) / ln 90 for the critical share s.
create view curves as
select distinct estimate, 0.9 as factor, -ln(90) as rate from samples where starts_with(estimate, 'critical_');

-- A stake of one day, by conviction alone: 9ρ / (4β²(1 − α)).
create view closed as
select variant, any_value(9 * rho / (4 * beta * beta * (1 - alpha))) as one_day, min(point) as place
from points
group by variant;

create view facts as
select 'closed_' || variant as fact, one_day as value from closed;

create view picture as
select hold || if(hold = 1, ' day', ' days') as series, variant as x, 'critical_' || hold || '_' || variant as estimate
from closed, (values (1), (3), (7)) as holds(hold)
order by hold, place;

create view theory as
select '1 day, if the supply stayed' as series, variant as x, one_day as y from closed order by place;
