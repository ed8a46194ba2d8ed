-- Mood and engagement by days to completion, under each law of outcomes.
create view found as
select world, variant as law, base_completion_rate as days, mean_sentiment as mood, engaged_mean / rate as engaged
from worlds
join (select point, base_engagement_rate as rate from points) using (point);

create view samples as
select 'mood_' || law as estimate, world as cluster, soon.mood - late.mood as value
from found as soon
join found as late using (world, law)
where soon.days = 15 and late.days = 180
union all
select 'engaged_' || law, world, soon.engaged - late.engaged
from found as soon
join found as late using (world, law)
where soon.days = 15 and late.days = 180
union all
select 'intended', world, intended.engaged - published.engaged
from found as intended
join found as published using (world, days)
where intended.law = 'relax' and published.law = 'off' and days = 45
union all
select 'published', world, engaged from found where law = 'off' and days = 45
union all
select printf('engaged_at_%s_%d', law, days::int), world, engaged from found;

create view picture as
select words as series, days as x, printf('engaged_at_%s_%d', law, days) as estimate
from (values (1, 'off', 'none, as published'), (2, 'relax', 'intended (relax)'), (3, 'add', 'version 0 (add)'),
    (4, 'commons', 'Commons Simulator')) as laws(place, law, words), (values (15), (45), (90), (180)) as ends(days)
order by place, days;
