-- Every visit of some contacts that began before a moment, in order of time: what may earn credit.
-- params: contacts numbers, since time?, until time?, site text?
-- rows: contact number, at time, channel text, source text, medium text, campaign text, content text, referrer_host text, entry_path text, visitor text, views number
-- with: seen_of_contacts, page_events, computed_visits
SELECT contact, started AS at, channel, source, medium, campaign, content, referrer_host, entry_path, visitor, views
FROM visits
WHERE contact IS NOT NULL AND baton_among(:contacts, contact)
ORDER BY contact, started, id
