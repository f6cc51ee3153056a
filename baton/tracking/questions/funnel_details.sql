-- The different props that events of a name had which hold a text under a key.
-- params: name text, prop text, value text, since time?, until time?
-- rows: props text
SELECT DISTINCT props
FROM named_events
WHERE name = :name AND baton_prop(props, :prop) = :value AND happened_at >= :since AND happened_at < :until
ORDER BY props
