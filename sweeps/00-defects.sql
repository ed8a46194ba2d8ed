-- The effect of each defect, from both sides: a pair is a world with the defect and without it.
create view changed as
select world, variant, proposals_granted, run as place,
    if(starts_with(variant, 'corrected, '), 'corrected', 'v3') as base,
    split_part(split_part(variant, ', ', 2), ' ', 1) as rule
from worlds
where variant not in ('corrected', 'v3');

create view samples as
select
    changed.rule || '_in_' || base as estimate,
    world as cluster,
    if(base = 'corrected', 1, -1) * (changed.proposals_granted - bases.proposals_granted) as value
from changed
join worlds as bases using (world)
where bases.variant = base
union all
select 'granted_' || variant, world, proposals_granted from worlds where variant in ('corrected', 'v3')
union all
select 'all_defects', v3.world, v3.proposals_granted - corrected.proposals_granted
from worlds as v3
join worlds as corrected using (world)
where v3.variant = 'v3' and corrected.variant = 'corrected'
union all
select 'share_crashed', world, (status = 'failed')::int from worlds where variant = 'v3';

create view picture as
select base as series, rule as x, rule || '_in_' || side as estimate
from (
    select * from (values
        ('put into the corrected program', 'corrected'),
        ('in the published program', 'v3')) as sides(base, side)
), (select rule, min(place) as place from changed group by rule)
order by side, place;
