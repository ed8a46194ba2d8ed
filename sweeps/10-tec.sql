-- TEC's setting against the runner-up, world by world; which is good enough.
create view found as
select world, variant, attacker_0_take_share as taken, attacker_0_honest_granted as granted, median_days_to_pass as wait,
    (attacker_0_take_share <= 0.1 and attacker_0_honest_granted >= 5 and coalesce(median_days_to_pass <= 30, false))::int as good
from worlds;

create view pairs as
select tec.world, tec.taken - other.taken as taken, tec.granted - other.granted as granted, tec.wait - other.wait as wait,
    tec.good - other.good as good
from found as tec
join found as other using (world)
where tec.variant = 'tec' and other.variant = 'tec-runner-up';

create view samples as
select 'taken_less' as estimate, world as cluster, taken as value from pairs
union all
select 'granted_less', world, granted from pairs
union all
select 'wait_more', world, wait from pairs
union all
select 'good_more', world, good from pairs
union all
select 'share_safe_dashboard', world, (taken <= 0.1)::int from found where variant = 'dashboard-default'
union all
select 'share_good_' || variant, world, good from found
union all
select 'taken_' || variant, world, taken from found
union all
select 'granted_' || variant, world, granted from found;

create view picture as
select 'good enough in all three' as series, variant as x, 'share_good_' || variant as estimate
from (select variant, min(run) as place from worlds group by variant)
order by place;
