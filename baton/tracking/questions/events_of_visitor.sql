-- What one visitor did, oldest first.
-- params: visitor text, since time?, until time?
-- rows: id text, happened_at time, name text, site text, host text, path text, source text, medium text, campaign text, click_kind text, referrer_host text, props text
SELECT id, happened_at, name, site, host, path, source, medium, campaign, click_kind, referrer_host, props
FROM events
WHERE visitor = :visitor AND machine = '' AND happened_at >= :since AND happened_at < :until
ORDER BY happened_at, id
LIMIT 2000
