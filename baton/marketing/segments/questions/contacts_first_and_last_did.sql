-- When each contact did something for the first and for the last time before a moment.
-- params: name text, path text?, campaign text?, source text?, medium text?, referrer text?, device text?, country text?
-- params: prop text, prop_value text?, until time?
-- rows: contact number, first_at time, last_at time
-- with: matching
SELECT contact, min(happened_at) AS first_at, max(happened_at) AS last_at
FROM matching
WHERE happened_at < :until
GROUP BY contact
ORDER BY contact
