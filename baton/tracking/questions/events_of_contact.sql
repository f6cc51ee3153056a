-- The latest events of one contact, newest first.
-- params: contact number, since time?, until time?
-- rows: id text, happened_at time, name text, host text, path text, campaign text, visitor text, props text
SELECT id, happened_at, name, host, path, campaign, visitor, props
FROM events
WHERE contact = :contact AND machine = '' AND happened_at >= :since AND happened_at < :until
ORDER BY happened_at DESC, id DESC
LIMIT 500
