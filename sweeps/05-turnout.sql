-- What abstaining does, by the least share that counts.
create view found as
select world, "voting.counted" as counted, "voting.abstain" as abstain, "voting.min_share" as least,
    attacker_0_honest_granted as granted, attacker_0_take_share as take, funds
from worlds;

create view abstaining as
select counts.world, counts.least, counts.granted - none.granted as granted, counts.take - none.take as take
from found as counts
join found as none using (world, counted, least)
where counted = 'staked' and counts.abstain = 1 and none.abstain = 0;

create view samples as
select printf('granted_%g', least) as estimate, world as cluster, granted as value from abstaining
union all
select printf('take_%g', least), world, take from abstaining
union all
select printf('take_at_%g_%g', abstain, least), world, take from found where counted = 'staked'
union all
select printf('granted_at_%g_%g', abstain, least), world, granted from found where counted = 'staked';

create view facts as
select 'greatest_all' as fact, max(abs(staked.funds - every_one.funds)) as value
from found as staked
join found as every_one using (world, abstain, least)
where staked.counted = 'staked' and every_one.counted = 'all' and abstain = 1;

create view picture as
select printf('%g %% of what abstains counts', 100 * abstain) as series, least as x,
    printf('take_at_%g_%g', abstain, least) as estimate
from (select distinct abstain, least from found)
order by abstain, least;
