-- How long and how far pages were read in the visits that the filters choose, of the visits that told: the median of seconds in
-- which the page was in front of somebody, and the mean of the greatest depth seen, in percent.
-- params: paths texts, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: path text, visits number, seconds share, depth share
-- with: visits, chosen_visits
, asked AS (
  SELECT path, baton_key(path) AS page FROM (SELECT baton_each(:paths) AS path) AS told
),
read AS (
  SELECT visit_key, reading.page AS page, sum(reading.seconds) AS seconds, max(reading.depth) AS depth
  FROM (SELECT visit_key, baton_each(readings) AS reading FROM chosen) AS told
  WHERE baton_among(baton_keys(:paths), reading.page)
  GROUP BY visit_key, reading.page
)
SELECT asked.path AS path, count(*) AS visits, baton_median(read.seconds) AS seconds, avg(read.depth) AS depth
FROM read JOIN asked ON asked.page = read.page
GROUP BY asked.path
ORDER BY path
