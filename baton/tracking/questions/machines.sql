-- Events that are held for machines, per reason: kept, shown apart, never counted as people.
-- params: since time?, until time?
-- rows: machine text, times number
SELECT machine, count(*) AS times
FROM named_events
WHERE machine <> '' AND happened_at >= :since AND happened_at < :until
GROUP BY machine
ORDER BY times DESC, machine
