-- Visitors, visits and page views per day of the organisation's zone; a visit belongs to the day it begins.
-- params: since time?, until time?, zone zone, site text?
-- rows: day date, visitors number, visits number, views number
-- with: page_events, visits
SELECT baton_day_in(started, :zone) AS day, count(DISTINCT visitor) AS visitors, count(*) AS visits, sum(views) AS views
FROM visits
GROUP BY day
ORDER BY day
