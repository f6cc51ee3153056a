-- How long and how far pages were read in the visits that the filters choose, of the visits that told: the median of seconds in
-- which the page was in front of somebody, and the mean of the greatest depth seen, in percent.
-- params: paths texts, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: path text, visits number, seconds share, depth share
-- with: visits, chosen_visits
, told_of AS (
  SELECT told.id AS sign, max(told.path) AS path,
         max(floor(least(greatest(coalesce(baton_number(baton_prop(told.props, 'seconds')), 0), 0), 1800))) AS seconds,
         max(least(greatest(coalesce(baton_number(baton_prop(told.props, 'scroll')), 0), 0), 100)) AS depth,
         max(concat(CAST(baton_micros(visits.started) AS VARCHAR), visits.id)) AS its_visit
  FROM events AS told JOIN visits ON visits.visitor = told.visitor AND visits.site = told.site
  WHERE told.name = 'engagement' AND told.host <> '' AND told.machine = '' AND baton_among(:paths, told.path)
    AND told.happened_at >= :since AND told.happened_at < :until + INTERVAL 1 DAY AND told.happened_at <= visits.ended
    AND (told.happened_at > visits.started OR told.happened_at = visits.started AND told.id >= visits.id)
  GROUP BY told.id
),
held AS (
  SELECT its_visit, path, sum(seconds) AS seconds, max(depth) AS depth
  FROM told_of
  WHERE substring(its_visit, 17) IN (SELECT id FROM chosen)
  GROUP BY its_visit, path
)
SELECT path, count(*) AS visits, baton_median(seconds) AS seconds, avg(depth) AS depth
FROM held
GROUP BY path
ORDER BY path
