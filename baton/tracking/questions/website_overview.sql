-- The Website page in one question: a span's total, its days, and the first of its channels, campaigns, sources, pages,
-- entry pages, devices, things done (`done`) and machines. `part` says which; the views of a page, a thing done and a
-- machine are how often it was.
-- params: since time?, until time?, zone zone, site text?
-- rows: part text, label text, visitors number, visits number, views number, bounced number, minutes share, known number
-- with: page_events, visits
, parts AS (
  SELECT 'total' AS part, '' AS label, visitor, views, actions, started, ended, contact FROM visits
  UNION ALL
  SELECT 'day', CAST(baton_day_in(started, :zone) AS VARCHAR), visitor, views, actions, started, ended, contact FROM visits
  UNION ALL
  SELECT 'channel', channel, visitor, views, actions, started, ended, contact FROM visits
  UNION ALL
  SELECT 'campaign', campaign, visitor, views, actions, started, ended, contact FROM visits WHERE campaign <> ''
  UNION ALL
  SELECT 'source', CASE WHEN source <> '' THEN source ELSE referrer_host END, visitor, views, actions, started, ended, contact
  FROM visits WHERE source <> '' OR referrer_host <> ''
  UNION ALL
  SELECT 'entry', entry_path, visitor, views, actions, started, ended, contact FROM visits
  UNION ALL
  SELECT 'device', device, visitor, views, actions, started, ended, contact FROM visits
),
counted AS (
  SELECT part, label, count(DISTINCT visitor) AS visitors, count(*) AS visits, sum(views) AS views,
         sum(CASE WHEN actions = 1 THEN 1 ELSE 0 END) AS bounced,
         sum(baton_minutes_between(started, ended)) AS minutes,
         sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END) AS known
  FROM parts
  GROUP BY part, label
  UNION ALL
  SELECT 'page', path, count(DISTINCT visitor), count(DISTINCT concat(visitor, '|', CAST(visit AS VARCHAR))), count(*), 0, 0.0, 0
  FROM numbered
  WHERE name = 'pageview' AND happened_at >= :since
  GROUP BY path
  UNION ALL
  SELECT CASE WHEN machine <> '' THEN 'machine' ELSE 'done' END, CASE WHEN machine <> '' THEN machine ELSE name END,
         count(DISTINCT visitor), 0, count(*), 0, 0.0, 0
  FROM events
  WHERE (name <> 'pageview' OR machine <> '') AND happened_at >= :since AND happened_at < :until
    AND (:site = '' OR site = :site)
  GROUP BY 1, 2
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY part ORDER BY CASE WHEN part IN ('page', 'done', 'machine') THEN views ELSE visits END DESC, label) AS nth
  FROM counted
)
SELECT part, label, visitors, visits, views, bounced, minutes, known
FROM ranked
WHERE part = 'day' OR nth <= 12
ORDER BY part, nth
