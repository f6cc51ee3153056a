-- The pages most often read in the visits that the filters choose: views, visits and visitors.
-- params: most number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: label text, visitors number, visits number, views number
-- with: visits, chosen_visits
, told AS (
  SELECT DISTINCT path FROM named_places WHERE name = 'pageview'
),
counted AS (
  SELECT page, count(*) AS views FROM (SELECT baton_each(view_keys) AS page FROM chosen) AS viewed GROUP BY page
),
most_read AS (
  SELECT counted.page AS page, told.path AS path, counted.views AS views
  FROM counted JOIN told ON baton_key(told.path) = counted.page
  ORDER BY views DESC, path
  LIMIT :most
),
readers AS (
  SELECT page, count(*) AS visits, count(DISTINCT visitor_key) AS visitors
  FROM (SELECT visitor_key, baton_each(page_keys) AS page FROM chosen) AS read
  WHERE page IN (SELECT page FROM most_read)
  GROUP BY page
)
SELECT most_read.path AS label, readers.visitors AS visitors, readers.visits AS visits, most_read.views AS views
FROM most_read JOIN readers ON readers.page = most_read.page
ORDER BY views DESC, label
