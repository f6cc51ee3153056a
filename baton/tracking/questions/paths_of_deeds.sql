-- The paths of some pages that were viewed, told by the words baton_deed as texts.
-- params: deeds texts
-- rows: deed key, path text
SELECT DISTINCT baton_deed(name, path) AS deed, path
FROM named_places
WHERE name = 'pageview' AND baton_among(:deeds, CAST(baton_deed(name, path) AS VARCHAR))
ORDER BY path
