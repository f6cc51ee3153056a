-- What servers told of visitors, on no page, of the names that a funnel asks for. No host is less than '!' but the empty one, and
-- DuckDB leaves out what has other ones alone if it is said like this.
-- params: names texts, since time?, until time?
-- rows: visitor_key key, happened_at time, deed key, details text
SELECT visitor_key, happened_at, baton_deed(name, path) AS deed, props AS details
FROM named_events
WHERE host < '!' AND machine = '' AND visitor_key <> baton_key('') AND baton_among(:names, name)
  AND happened_at >= :since AND happened_at < :until
