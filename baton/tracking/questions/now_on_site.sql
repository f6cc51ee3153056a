-- Who is on the site now: per page the visitors whose last sign since a moment was there.
-- params: since time?, until time?, site text?
-- rows: path text, visitors number, known number
WITH signs AS (
  SELECT visitor, contact, path, row_number() OVER (PARTITION BY visitor ORDER BY happened_at DESC, id DESC) AS nth
  FROM events
  WHERE host <> '' AND machine = '' AND visitor <> '' AND happened_at >= :since AND happened_at < :until
    AND (:site = '' OR site = :site)
)
SELECT path, count(*) AS visitors, sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END) AS known
FROM signs
WHERE nth = 1
GROUP BY path
ORDER BY visitors DESC, path
