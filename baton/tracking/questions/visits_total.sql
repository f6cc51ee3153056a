-- Visitors, visits, views, visits of one action only, minutes together and visits of known contacts in a span.
-- params: since time?, until time?, site text?
-- rows: visitors number, visits number, views number, bounced number, minutes share, known number
-- with: page_events, visits
SELECT count(DISTINCT visitor) AS visitors, count(*) AS visits, coalesce(sum(views), 0) AS views,
       coalesce(sum(CASE WHEN actions = 1 THEN 1 ELSE 0 END), 0) AS bounced,
       coalesce(sum(baton_minutes_between(started, ended)), 0.0) AS minutes,
       coalesce(sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END), 0) AS known
FROM visits
