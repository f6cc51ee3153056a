-- How many visitors or visits reached each step of a funnel, and the median of minutes from the step before; parted by the
-- channel, device or campaign of the visit in which they took the first step, most first. See parts/funnel_chains.sql.
-- params: by text?, most number
-- params: names texts, patterns texts, props texts, held texts, per text, minutes number, last time?, since time?, until time?, site text?
-- params: channel text?, source text?, campaign text?, page text?, entry text?, exit text?, device text?, browser text?
-- params: system text?, country text?, language text?
-- rows: label text, reached_1 number{% for n in steps if n > 1 %}, reached_{{ n }} number, minutes_{{ n }} share{% endfor %}
-- with: visits, chosen_visits, funnel_chains
SELECT CASE :by WHEN 'channel' THEN chosen.channel WHEN 'device' THEN chosen.device WHEN 'campaign' THEN chosen.campaign ELSE '' END AS label,
       count(*) AS reached_1{% for n in steps if n > 1 %},
       sum(CASE WHEN chains.level >= {{ n }} THEN 1 ELSE 0 END) AS reached_{{ n }},
       baton_median(CASE WHEN chains.level >= {{ n }} THEN (baton_moment(chains.place_{{ n }}) - baton_moment(chains.place_{{ n - 1 }})) / 60000000.0 END) AS minutes_{{ n }}{% endfor %}
FROM chains JOIN begun_in AS chosen ON chosen.visit_key = chains.visit AND chosen.place = chains.place_1
GROUP BY label
ORDER BY reached_1 DESC, label
LIMIT :most
