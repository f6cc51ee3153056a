-- Addresses that lead to nothing in the visits that the filters choose, most often met first: how often, by how many visitors, last
-- when; and where they came from, most often first: another site with its path, or the page of the visit before it, or
-- unknown (empty). A line for each of the first :sources of an address, which is `of_times` of all `times`.
-- params: most number, sources number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?
-- params: entry text?, exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: path text, times number, visitors number, last_at time, came_from text, of_times number
-- with: visits, chosen_visits
, met AS (
  SELECT visitor_key, miss.path AS path, miss.moment AS met_at, miss.came_from AS came_from
  FROM (SELECT visitor_key, baton_each(misses) AS miss FROM chosen) AS told
),
paths_met AS (
  SELECT path, count(*) AS times, count(DISTINCT visitor_key) AS visitors, max(met_at) AS last_at
  FROM met
  GROUP BY path
  ORDER BY times DESC, path
  LIMIT :most
),
counted AS (
  SELECT path, came_from, count(*) AS of_times FROM met GROUP BY path, came_from
),
ranked AS (
  SELECT path, came_from, of_times, row_number() OVER (PARTITION BY path ORDER BY of_times DESC, came_from) AS nth FROM counted
)
SELECT paths_met.path AS path, paths_met.times AS times, paths_met.visitors AS visitors, paths_met.last_at AS last_at,
       ranked.came_from AS came_from, ranked.of_times AS of_times
FROM paths_met JOIN ranked ON ranked.path = paths_met.path
WHERE ranked.nth <= :sources
ORDER BY times DESC, path, of_times DESC, came_from
