-- All that conditions may ask of some contacts' events of some names, from a moment on, the newest included.
-- params: contacts numbers, names texts, since time?
-- rows: contact number, name text, happened_at time, path text, campaign text, source text, medium text, referrer_host text
-- rows: device text, country text, value_minor number, props text
SELECT contact, name, happened_at, path, campaign, source, medium, referrer_host, device, country, value_minor, props
FROM events
WHERE machine = '' AND happened_at >= :since AND baton_among(:contacts, contact) AND baton_among(:names, name)
ORDER BY contact, happened_at, name, path, props, source, campaign, referrer_host, value_minor
