-- Visitors, visits and page views per day of a zone, of the visits that the filters choose; a visit belongs to the day it
-- begins.
-- params: since time?, until time?, zone zone, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: day date, visitors number, visits number, views number
-- with: visits, chosen_visits
, days AS (
  SELECT quarter, baton_day_of(quarter, :zone) AS day FROM (SELECT DISTINCT baton_quarter(started) AS quarter FROM chosen) AS told
)
SELECT days.day AS day, count(DISTINCT chosen.visitor_key) AS visitors, count(*) AS visits, sum(chosen.views) AS views
FROM chosen JOIN days ON days.quarter = baton_quarter(chosen.started)
GROUP BY days.day
ORDER BY day
