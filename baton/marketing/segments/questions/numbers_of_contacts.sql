-- Sum, average, least and most of a number that events carry, for each contact, in a half-open window. The number is the
-- event's value in minor units for of = value, else the prop of that name; events without the number do not count.
-- params: name text, path text?, campaign text?, source text?, medium text?, referrer text?, device text?, country text?
-- params: prop text, prop_value text?, of text, since time?, until time?
-- rows: contact number, total share, mean share, least share, most share
-- with: matching
, numbers AS (
  SELECT contact,
    CASE WHEN :of = 'value' THEN CAST(value_minor AS DOUBLE) ELSE baton_number(baton_prop(props, :of)) END AS number
  FROM matching
  WHERE happened_at >= :since AND happened_at < :until
)
SELECT contact, sum(number) AS total, avg(number) AS mean, min(number) AS least, max(number) AS most
FROM numbers
WHERE number IS NOT NULL
GROUP BY contact
ORDER BY contact
