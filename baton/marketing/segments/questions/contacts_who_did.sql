-- Contacts who did something at least so often in a half-open window. An empty path or campaign and the prop - mean any; else
-- the path contains it, the campaign is it, the prop has that value. Machines are left out. With everyone = 0 only the contacts named.
-- params: name text, path text?, campaign text?, prop text, prop_value text?, since time?, until time?, at_least number, everyone number, contacts numbers?
-- rows: contact number, count number
SELECT contact, count(*) AS count
FROM events
WHERE contact IS NOT NULL AND name = :name AND machine = '' AND happened_at >= :since AND happened_at < :until
  AND (:path = '' OR position(:path IN path) > 0)
  AND (:campaign = '' OR campaign = :campaign)
  AND (:prop = '-' OR baton_prop(props, :prop) = :prop_value)
  AND (:everyone = 1 OR baton_among(:contacts, contact))
GROUP BY contact
HAVING count(*) >= :at_least
ORDER BY contact
