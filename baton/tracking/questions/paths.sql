-- Which pages follow (or, :toward being to, come before) the first view of a page in the visits that the filters choose: all at
-- depth 1, at depth 2 those after :one, at depth 3 those after :one and :two. A page shown again at once counts once; an empty
-- path is the visit's end (or beginning). `of_all` is how many visits the depth has, also beyond the most seen.
-- params: anchor text, toward text?, one text?, two text?, most number, since time?, until time?, site text?, channel text?, source text?
-- params: campaign text?, page text?, entry text?, exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: depth number, path text, visits number, of_all number
-- with: visits, chosen_visits
, held AS (
  SELECT baton_turns(page_views) AS turns FROM chosen WHERE baton_holds(pages, :anchor)
),
anchored AS (
  SELECT turns, baton_place(turns, :anchor) AS place FROM held
),
walks AS (
  SELECT baton_nth(turns, CASE WHEN :toward = 'to' THEN place - 1 ELSE place + 1 END) AS path_1,
         baton_nth(turns, CASE WHEN :toward = 'to' THEN place - 2 ELSE place + 2 END) AS path_2,
         baton_nth(turns, CASE WHEN :toward = 'to' THEN place - 3 ELSE place + 3 END) AS path_3
  FROM anchored
),
counted AS (
  SELECT 1 AS depth, path_1 AS path, count(*) AS visits FROM walks GROUP BY path_1
  UNION ALL
  SELECT 2 AS depth, path_2 AS path, count(*) AS visits FROM walks WHERE :one <> '' AND path_1 = :one GROUP BY path_2
  UNION ALL
  SELECT 3 AS depth, path_3 AS path, count(*) AS visits FROM walks WHERE :two <> '' AND path_1 = :one AND path_2 = :two GROUP BY path_3
)
SELECT depth, path, visits, of_all
FROM (
  SELECT depth, path, visits, sum(visits) OVER (PARTITION BY depth) AS of_all,
         row_number() OVER (PARTITION BY depth ORDER BY visits DESC, path) AS nth
  FROM counted
) AS ranked
WHERE nth <= :most
ORDER BY depth, visits DESC, path
