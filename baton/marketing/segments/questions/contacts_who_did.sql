-- Contacts who did something at least so often in a half-open window. An empty text and the prop - mean any; else the path
-- contains it, the others are it. Machines are left out.
-- params: name text, path text?, campaign text?, source text?, medium text?, referrer text?, device text?, country text?
-- params: prop text, prop_value text?, since time?, until time?, at_least number
-- rows: contact number, count number
-- with: matching
SELECT contact, count(*) AS count
FROM matching
WHERE happened_at >= :since AND happened_at < :until
GROUP BY contact
HAVING count(*) >= :at_least
ORDER BY contact
