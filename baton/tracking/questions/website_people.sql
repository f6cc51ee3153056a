-- Known contacts of the visits that the filters choose, the latest first, with the channel of their first one in the span.
-- params: most number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: contact number, visits number, views number, last_at time, channel text
-- with: visits, chosen_visits
, told AS (
  SELECT contact, count(*) AS visits, sum(views) AS views, max(ended) AS last_at,
         min(concat(CAST(baton_micros(started) AS VARCHAR), channel)) AS first_came
  FROM chosen
  WHERE contact IS NOT NULL
  GROUP BY contact
)
SELECT contact, visits, views, last_at, substring(first_came, 17) AS channel
FROM told
ORDER BY last_at DESC, contact
LIMIT :most
