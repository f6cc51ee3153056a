-- How many visitors who came first in a week came again so many weeks after. Weeks begin on Monday in a zone and are numbered
-- from that of 5 January 1970. Only visitors who are known across days (v, by consent); the filters choose the first visit. A
-- first visit is the first of all times: leave `since` out.
-- params: first_from time, first_until time, zone zone, since time?, until time?, site text?, channel text?, source text?
-- params: campaign text?, page text?, entry text?, exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: week number, after number, visitors number
-- with: visits, chosen_visits
, weeks AS (
  SELECT quarter, baton_week_of(quarter, :zone) AS week
  FROM (SELECT baton_quarter(started) AS quarter, count(*) AS visits FROM visits WHERE lasting = 1 GROUP BY quarter) AS told
),
firsts AS (
  SELECT visitor_key, min(started) AS started FROM visits WHERE lasting = 1 GROUP BY visitor_key
),
cohorts AS (
  SELECT DISTINCT firsts.visitor_key AS visitor_key, weeks.week AS week
  FROM firsts
  JOIN chosen ON chosen.visitor_key = firsts.visitor_key AND chosen.started = firsts.started
  JOIN weeks ON weeks.quarter = baton_quarter(firsts.started)
  WHERE firsts.started >= :first_from AND firsts.started < :first_until
),
came AS (
  SELECT DISTINCT visits.visitor_key AS visitor_key, weeks.week AS week
  FROM visits JOIN weeks ON weeks.quarter = baton_quarter(visits.started)
  WHERE visits.lasting = 1 AND visits.started >= :first_from
)
SELECT cohorts.week AS week, came.week - cohorts.week AS after, count(*) AS visitors
FROM cohorts JOIN came ON came.visitor_key = cohorts.visitor_key
GROUP BY cohorts.week, came.week - cohorts.week
ORDER BY week, after
