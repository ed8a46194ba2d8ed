-- The rent below which votes are rented, against the closed form.
create view found as
select world, variant, max((attacker_0_cost > 0)::int) as rented, max(attacker_0_take - attacker_0_cost) as profit
from worlds
group by world, variant;

create view samples as
select 'critical_' || variant as estimate, world as cluster, rented as value from found
union all
select 'share_profit', world, (avg(profit) > 0)::int from found where rented = 1 group by world;

create view curves as
select distinct estimate, 1e-4 as factor, ln(30000) as rate from samples where starts_with(estimate, 'critical_');

create view closed as
select variant, any_value(4 * (1 - alpha) * beta ** 3 * "initial.funds" / (27 * rho * 0.8 * ("initial.supply" - "initial.funds"))) as rent,
    min(point) as place
from points
group by variant;

create view facts as
select 'closed_' || variant as fact, rent as value from closed;

create view picture as
select 'critical rent' as series, variant as x, 'critical_' || variant as estimate from closed order by place;

create view theory as
select 'bound in closed form' as series, variant as x, rent as y from closed order by place;
