-- Which of some events are kept already, told once or oftener.
-- params: ids texts, since time, until time
-- rows: id text
SELECT DISTINCT id
FROM events
WHERE happened_at >= :since AND happened_at < :until AND baton_among(:ids, id)
ORDER BY id
