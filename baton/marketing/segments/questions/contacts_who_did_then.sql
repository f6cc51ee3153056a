-- Contacts who did one thing and, later but within so many minutes, another; both in a half-open window.
-- params: name text, path text?, campaign text?, source text?, medium text?, referrer text?, device text?, country text?
-- params: prop text, prop_value text?, since time?, until time?, then_name text, then_path text?, within_minutes number
-- rows: contact number
-- with: matching
, steps AS (
  SELECT contact, happened_at, 1 AS is_first FROM matching WHERE happened_at >= :since AND happened_at < :until
  UNION ALL
  SELECT contact, happened_at, 0 AS is_first FROM events
  WHERE contact IS NOT NULL AND machine = '' AND name = :then_name AND happened_at >= :since AND happened_at < :until
    AND (:then_path = '' OR position(:then_path IN path) > 0)
), before AS (
  SELECT contact, happened_at, is_first,
    max(CASE WHEN is_first = 1 THEN happened_at END)
      OVER (PARTITION BY contact ORDER BY happened_at, is_first ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_at
  FROM steps
)
SELECT DISTINCT contact
FROM before
WHERE is_first = 0 AND first_at IS NOT NULL
  AND baton_minutes_between(first_at, happened_at) <= :within_minutes
ORDER BY contact
