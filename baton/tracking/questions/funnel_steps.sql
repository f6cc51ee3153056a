-- How many visitors or visits reached each step of a funnel, and the median of minutes from the step before; parted by the
-- channel, device or campaign of the visit in which they took the first step, most first. See parts/funnel_chains.sql.
-- params: by text?, most number
-- params: names texts, patterns texts, props texts, held texts, per text, minutes number, last time?, since time?, until time?, site text?
-- params: channel text?, source text?, campaign text?, page text?, entry text?, exit text?, device text?, browser text?
-- params: system text?, country text?, language text?
-- rows: label text, reached_1 number, reached_2 number, reached_3 number, reached_4 number, reached_5 number, reached_6 number, reached_7 number, reached_8 number, reached_9 number, reached_10 number
-- rows: minutes_2 share, minutes_3 share, minutes_4 share, minutes_5 share, minutes_6 share, minutes_7 share, minutes_8 share, minutes_9 share, minutes_10 share
-- with: visits, chosen_visits, funnel_chains
SELECT CASE :by WHEN 'channel' THEN chosen.channel WHEN 'device' THEN chosen.device WHEN 'campaign' THEN chosen.campaign ELSE '' END AS label,
       count(*) AS reached_1,
       sum(CASE WHEN chains.level >= 2 THEN 1 ELSE 0 END) AS reached_2,
       sum(CASE WHEN chains.level >= 3 THEN 1 ELSE 0 END) AS reached_3,
       sum(CASE WHEN chains.level >= 4 THEN 1 ELSE 0 END) AS reached_4,
       sum(CASE WHEN chains.level >= 5 THEN 1 ELSE 0 END) AS reached_5,
       sum(CASE WHEN chains.level >= 6 THEN 1 ELSE 0 END) AS reached_6,
       sum(CASE WHEN chains.level >= 7 THEN 1 ELSE 0 END) AS reached_7,
       sum(CASE WHEN chains.level >= 8 THEN 1 ELSE 0 END) AS reached_8,
       sum(CASE WHEN chains.level >= 9 THEN 1 ELSE 0 END) AS reached_9,
       sum(CASE WHEN chains.level >= 10 THEN 1 ELSE 0 END) AS reached_10,
       baton_median(CASE WHEN chains.level >= 2 THEN (baton_moment(chains.place_2) - baton_moment(chains.place_1)) / 60000000.0 END) AS minutes_2,
       baton_median(CASE WHEN chains.level >= 3 THEN (baton_moment(chains.place_3) - baton_moment(chains.place_2)) / 60000000.0 END) AS minutes_3,
       baton_median(CASE WHEN chains.level >= 4 THEN (baton_moment(chains.place_4) - baton_moment(chains.place_3)) / 60000000.0 END) AS minutes_4,
       baton_median(CASE WHEN chains.level >= 5 THEN (baton_moment(chains.place_5) - baton_moment(chains.place_4)) / 60000000.0 END) AS minutes_5,
       baton_median(CASE WHEN chains.level >= 6 THEN (baton_moment(chains.place_6) - baton_moment(chains.place_5)) / 60000000.0 END) AS minutes_6,
       baton_median(CASE WHEN chains.level >= 7 THEN (baton_moment(chains.place_7) - baton_moment(chains.place_6)) / 60000000.0 END) AS minutes_7,
       baton_median(CASE WHEN chains.level >= 8 THEN (baton_moment(chains.place_8) - baton_moment(chains.place_7)) / 60000000.0 END) AS minutes_8,
       baton_median(CASE WHEN chains.level >= 9 THEN (baton_moment(chains.place_9) - baton_moment(chains.place_8)) / 60000000.0 END) AS minutes_9,
       baton_median(CASE WHEN chains.level >= 10 THEN (baton_moment(chains.place_10) - baton_moment(chains.place_9)) / 60000000.0 END) AS minutes_10
FROM chains JOIN chosen ON chosen.id = chains.visit
GROUP BY label
ORDER BY reached_1 DESC, label
LIMIT :most
