-- How often each event other than a page view happened, and by how many visitors.
-- params: since time?, until time?, site text?
-- rows: name text, times number, visitors number
SELECT name, count(*) AS times, count(DISTINCT visitor_key) AS visitors
FROM named_events
WHERE name NOT IN ('pageview', 'engagement') AND machine = '' AND happened_at >= :since AND happened_at < :until AND (:site = '' OR site = :site)
GROUP BY name
ORDER BY times DESC, name
LIMIT 50
