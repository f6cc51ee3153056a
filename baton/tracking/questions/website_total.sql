-- Visitors, visits, views, visits of one action only, minutes together, minutes with a page in front of somebody, and visits of known contacts in a span, of the
-- visits that the filters choose.
-- params: since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: visitors number, visits number, views number, bounced number, minutes share, engaged share, known number
-- with: visits, chosen_visits
SELECT count(DISTINCT visitor_key) AS visitors, count(*) AS visits, coalesce(sum(views), 0) AS views,
       coalesce(sum(CASE WHEN actions <= 1 THEN 1 ELSE 0 END), 0) AS bounced,
       coalesce(sum(baton_micros(ended) - baton_micros(started)), 0) / 60000000.0 AS minutes,
       coalesce(sum(engaged), 0) / 60.0 AS engaged,
       coalesce(sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END), 0) AS known
FROM chosen
