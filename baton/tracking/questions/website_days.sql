-- Visitors, visits and views of each day of a zone, of the visits that the filters choose and that begin on it.
-- params: since time?, until time?, zone zone, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: day date, visitors number, visits number, views number
-- with: visits, chosen_visits
SELECT day, count(DISTINCT visitor_key) AS visitors, count(*) AS visits, sum(views) AS views
FROM (SELECT baton_day_of(baton_quarter(started), :zone) AS day, visitor_key, views FROM chosen) AS told
GROUP BY day
ORDER BY day
