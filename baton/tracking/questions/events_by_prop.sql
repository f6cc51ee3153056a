-- How often each value of one prop was told with an event, in how many minutes from first to last.
-- params: name text, prop text, since time?, until time?
-- rows: told text, times number, minutes share
SELECT baton_prop(props, :prop) AS told, count(*) AS times, baton_minutes_between(min(happened_at), max(happened_at)) AS minutes
FROM events
WHERE name = :name AND machine = '' AND happened_at >= :since AND happened_at < :until
GROUP BY told
ORDER BY times DESC, told
LIMIT 100
