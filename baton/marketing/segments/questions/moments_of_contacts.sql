-- When contacts did something, in a half-open span: what tells when a window will be left or entered.
-- params: name text, path text?, campaign text?, source text?, medium text?, referrer text?, device text?, country text?
-- params: prop text, prop_value text?, since time?, until time?
-- rows: contact number, happened_at time
-- with: matching
SELECT contact, happened_at
FROM matching
WHERE happened_at >= :since AND happened_at < :until
ORDER BY contact, happened_at
