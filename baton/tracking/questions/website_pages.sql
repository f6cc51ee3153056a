-- The pages most often read in the visits that the filters choose: views, visits and visitors.
-- params: most number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: label text, visitors number, visits number, views number
-- with: visits, chosen_visits
, most_read AS (
  SELECT path, count(*) AS views
  FROM (SELECT baton_each(page_views) AS path FROM chosen) AS viewed
  GROUP BY path
  ORDER BY views DESC, path
  LIMIT :most
),
readers AS (
  SELECT path, count(*) AS visits, count(DISTINCT visitor_key) AS visitors
  FROM (SELECT visitor_key, baton_each(pages) AS path FROM chosen) AS read
  WHERE path IN (SELECT path FROM most_read)
  GROUP BY path
)
SELECT most_read.path AS label, readers.visitors AS visitors, readers.visits AS visits, most_read.views AS views
FROM most_read JOIN readers ON readers.path = most_read.path
ORDER BY views DESC, label
