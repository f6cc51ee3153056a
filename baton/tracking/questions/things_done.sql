-- What visitors did beside reading pages: how often, and how many different ones; most often first. Names are looked up first:
-- what is read then is only what bears them.
-- params: since time?, until time?, site text?
-- rows: name text, times number, visitors number
SELECT name, count(*) AS times, count(DISTINCT visitor_key) AS visitors
FROM named_events
WHERE name IN (SELECT DISTINCT name FROM named_places WHERE machine = '' AND name NOT IN ('pageview', 'engagement'))
  AND machine = '' AND visitor_key <> baton_key('') AND happened_at >= :since AND happened_at < :until AND (:site = '' OR site = :site)
GROUP BY name
ORDER BY times DESC, name
LIMIT 12
