-- Contacts who did something at least so often in a half-open window; an empty path means anywhere, else the path contains it.
-- Machines are left out.
-- params: name text, path text?, campaign text?, since time?, until time?, at_least number
-- rows: contact number, count number
SELECT contact, count(*) AS count
FROM events
WHERE contact IS NOT NULL AND name = :name AND machine = '' AND happened_at >= :since AND happened_at < :until
  AND (:path = '' OR position(:path IN path) > 0)
  AND (:campaign = '' OR campaign = :campaign)
GROUP BY contact
HAVING count(*) >= :at_least
ORDER BY contact
