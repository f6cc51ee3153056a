-- The pages most often read in the visits that the filters choose: views, visits and visitors.
-- params: most number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: label text, visitors number, visits number, views number
-- with: visits, chosen_visits
, most_read AS (
  SELECT path, count(*) AS views
  FROM (SELECT baton_each(pages) AS path FROM chosen) AS read
  GROUP BY path
  ORDER BY views DESC, path
  LIMIT :most
)
SELECT read.path AS label, count(DISTINCT baton_key(read.visitor)) AS visitors, count(DISTINCT baton_key(read.id)) AS visits,
       count(*) AS views
FROM (SELECT id, visitor, baton_each(pages) AS path FROM chosen) AS read
WHERE read.path IN (SELECT path FROM most_read)
GROUP BY read.path
ORDER BY views DESC, label
