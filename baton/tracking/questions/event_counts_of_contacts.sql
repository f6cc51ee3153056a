-- How often some contacts did each thing on each page and day in a window: what engagement is scored from.
-- params: contacts numbers, since time?, until time?
-- rows: contact number, name text, path text, last_at time, times number
SELECT contact, name, path, max(happened_at) AS last_at, count(*) AS times
FROM (
  SELECT contact, name, path, happened_at, baton_day_in(happened_at, 'UTC') AS day
  FROM events
  WHERE machine = '' AND happened_at >= :since AND happened_at < :until AND baton_among(:contacts, contact)
) AS theirs
GROUP BY contact, name, path, day
ORDER BY contact, last_at, name, path
