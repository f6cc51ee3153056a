-- Visitors, visits and page views per day of a zone, of the visits that the filters choose; a visit belongs to the day it
-- begins.
-- params: since time?, until time?, zone zone, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: day date, visitors number, visits number, views number
-- with: visits, chosen_visits
, quarters AS (
  SELECT baton_quarter(started) AS quarter, count(*) AS visits, sum(views) AS views FROM chosen GROUP BY quarter
),
days AS (SELECT quarter, baton_day_of(quarter, :zone) AS day, visits, views FROM quarters),
came AS (
  SELECT days.day AS day, count(DISTINCT chosen.visitor_key) AS visitors
  FROM chosen JOIN days ON days.quarter = baton_quarter(chosen.started)
  GROUP BY days.day
),
summed AS (SELECT day, sum(visits) AS visits, sum(views) AS views FROM days GROUP BY day)
SELECT summed.day AS day, came.visitors AS visitors, summed.visits AS visits, summed.views AS views
FROM summed JOIN came ON came.day = summed.day
ORDER BY day
