-- What is granted, as a share of the pool at the start, by limit; paired over worlds.
create view spent as
select world, beta, if(starts_with(variant, 'm'), 'm', 'rho') as fixed, variant, funds_granted / "initial.funds" as spent
from worlds;

create view doubled as
select more.world, more.fixed, less.beta, more.spent - less.spent as difference
from spent as more
join spent as less on more.world = less.world and more.fixed = less.fixed and abs(more.beta - 2 * less.beta) < 1e-9;

create view samples as
select if(beta = 0.1, 'doubled_', 'again_') || fixed as estimate, world as cluster, difference as value
from doubled
where beta in (0.1, 0.2)
union all
select 'more_by_rho', world, rho.difference - m.difference
from doubled as rho
join doubled as m using (world, beta)
where rho.fixed = 'rho' and m.fixed = 'm' and beta = 0.1
union all
select printf('spent_%s_%g', fixed, beta), world, spent from spent;

create view picture as
select distinct 'fixed ' || variant as series, beta as x, printf('spent_%s_%g', fixed, beta) as estimate
from spent
order by series, x;
