-- Addresses that lead to nothing in the visits that the filters choose, most often met first: how often, by how many visitors, last
-- when; and where they came from, most often first: another site with its path, or the page of the visit before it, or
-- unknown (empty). A line for each of the first :sources of an address, which is `of_times` of all `times`.
-- params: most number, sources number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?
-- params: entry text?, exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: path text, times number, visitors number, last_at time, came_from text, of_times number
-- with: visits, chosen_visits
, missed AS (
  SELECT told.id AS sign, max(told.visitor) AS who, max(told.site) AS place, max(told.happened_at) AS met_at, max(told.path) AS met_path,
         max(told.referrer_host) AS from_host, max(told.referrer_path) AS from_path,
         max(concat(CAST(baton_micros(visits.started) AS VARCHAR), visits.id)) AS its_visit
  FROM events AS told JOIN visits ON visits.visitor = told.visitor AND visits.site = told.site
  WHERE told.name = 'not found' AND told.host <> '' AND told.machine = ''
    AND told.happened_at >= :since AND told.happened_at < :until + INTERVAL 1 DAY AND told.happened_at <= visits.ended
    AND (told.happened_at > visits.started OR told.happened_at = visits.started AND told.id >= visits.id)
  GROUP BY told.id
),
met AS (
  SELECT missed.sign AS sign, missed.who AS who, missed.place AS place, missed.met_at AS met_at, missed.met_path AS met_path,
         missed.from_host AS from_host, missed.from_path AS from_path, chosen.id AS visit, chosen.started AS began
  FROM missed JOIN chosen ON chosen.id = substring(missed.its_visit, 17)
),
before_it AS (
  SELECT met.sign AS sign, max(concat(CAST(baton_micros(told.happened_at) AS VARCHAR), told.id, told.path)) AS viewed
  FROM met JOIN events AS told ON told.visitor = met.who AND told.site = met.place
  WHERE told.name = 'pageview' AND told.host <> '' AND told.machine = '' AND told.path <> met.met_path
    AND told.happened_at >= :since AND told.happened_at < :until + INTERVAL 1 DAY AND told.happened_at < met.met_at
    AND (told.happened_at > met.began OR told.happened_at = met.began AND told.id >= met.visit)
  GROUP BY met.sign
),
found AS (
  SELECT met.met_path AS path, met.who AS who, met.met_at AS met_at,
         CASE WHEN met.from_host <> '' THEN concat(met.from_host, met.from_path)
              ELSE coalesce(substring(before_it.viewed, 49), '') END AS came_from
  FROM met LEFT JOIN before_it ON before_it.sign = met.sign
),
paths_met AS (
  SELECT path, count(*) AS times, count(DISTINCT who) AS visitors, max(met_at) AS last_at
  FROM found
  GROUP BY path
  ORDER BY times DESC, path
  LIMIT :most
),
counted AS (
  SELECT path, came_from, count(*) AS of_times FROM found GROUP BY path, came_from
),
ranked AS (
  SELECT path, came_from, of_times, row_number() OVER (PARTITION BY path ORDER BY of_times DESC, came_from) AS nth FROM counted
)
SELECT paths_met.path AS path, paths_met.times AS times, paths_met.visitors AS visitors, paths_met.last_at AS last_at,
       ranked.came_from AS came_from, ranked.of_times AS of_times
FROM paths_met JOIN ranked ON ranked.path = paths_met.path
WHERE ranked.nth <= :sources
ORDER BY times DESC, path, of_times DESC, came_from
