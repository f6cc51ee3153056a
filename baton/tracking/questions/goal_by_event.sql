-- How many of the visits that the filters choose led to an event: it happened to their visitor while they went on or within half
-- an hour of their last sign, on a page or told by the server. Per currency of what the events were worth; the line
-- without a currency counts all of them.
-- params: event text, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: currency text, visits number, visitors number, times number, value_minor number
-- with: visits, chosen_visits
, done AS (
  SELECT id, visitor, happened_at, value_minor, currency
  FROM events
  WHERE name = :event AND machine = '' AND visitor <> ''
    AND happened_at >= :since AND happened_at < :until + INTERVAL 1 DAY
),
led AS (
  SELECT done.id AS event, chosen.id AS visit, chosen.visitor_key AS visitor_key,
         CASE WHEN done.value_minor IS NULL THEN '' ELSE done.currency END AS currency, done.value_minor AS value_minor
  FROM done JOIN chosen ON chosen.visitor = done.visitor
  WHERE done.happened_at >= chosen.started AND done.happened_at < chosen.ended + INTERVAL 30 MINUTE
),
once AS (
  SELECT event, max(visit) AS visit, max(visitor_key) AS visitor_key, max(currency) AS currency, max(value_minor) AS value_minor
  FROM led
  GROUP BY event
)
SELECT currency, visits, visitors, times, value_minor
FROM (
  SELECT '' AS currency, count(DISTINCT visit) AS visits, count(DISTINCT visitor_key) AS visitors, count(*) AS times,
         CAST(0 AS BIGINT) AS value_minor
  FROM once
  UNION ALL
  SELECT currency, count(DISTINCT visit), count(DISTINCT visitor_key), count(*), CAST(sum(value_minor) AS BIGINT)
  FROM once
  WHERE currency <> ''
  GROUP BY currency
) AS told
ORDER BY currency
