-- How many of the visits that the filters choose read a page whose path the pattern (RE2) fits, how many different visitors
-- they were, and how often it was read.
-- params: pattern text, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: visits number, visitors number, times number
-- with: visits, chosen_visits
, viewed AS (
  SELECT id, visitor_key, baton_each(page_views) AS path FROM chosen
),
fitting AS (
  SELECT path FROM (SELECT DISTINCT path FROM viewed) AS told WHERE baton_matches(path, :pattern)
)
SELECT count(DISTINCT id) AS visits, count(DISTINCT visitor_key) AS visitors, count(*) AS times
FROM viewed
WHERE path IN (SELECT path FROM fitting)
