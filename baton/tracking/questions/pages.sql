-- Most viewed pages with views, visitors and how many visits entered there.
-- params: since time?, until time?, site text?
-- rows: path text, views number, visitors number, entries number
-- with: page_events, visits
, entered AS (
  SELECT entry_path, count(*) AS entries FROM visits GROUP BY entry_path
),
viewed AS (
  SELECT path, count(*) AS views, count(DISTINCT visitor) AS visitors
  FROM page_events
  WHERE name = 'pageview' AND happened_at >= :since
  GROUP BY path
)
SELECT viewed.path AS path, viewed.views AS views, viewed.visitors AS visitors, coalesce(entered.entries, 0) AS entries
FROM viewed LEFT JOIN entered ON entered.entry_path = viewed.path
ORDER BY views DESC, path
LIMIT 50
