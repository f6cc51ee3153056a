-- When known contacts read a page whose path the pattern (RE2) fits, in a half-open span. Machines are left out.
-- params: pattern text, since time?, until time?
-- rows: contact number, happened_at time
SELECT contact, happened_at
FROM events
WHERE contact IS NOT NULL AND machine = '' AND name = 'pageview' AND happened_at >= :since AND happened_at < :until
  AND baton_matches(path, :pattern)
ORDER BY contact, happened_at
