-- The visits that the filters choose, parted by one thing and most first: by channel, source, campaign, entry, exit, device,
-- browser, system, country or language. An empty label is what is not known.
-- params: by text, most number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: label text, visits number, views number, bounced number, minutes share, known number
-- with: visits, chosen_visits, parted_visits
SELECT label, count(*) AS visits, sum(views) AS views, sum(CASE WHEN actions <= 1 THEN 1 ELSE 0 END) AS bounced,
       sum(baton_micros(ended) - baton_micros(started)) / 60000000.0 AS minutes,
       sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END) AS known
FROM parted
GROUP BY label
ORDER BY visits DESC, label
LIMIT :most
