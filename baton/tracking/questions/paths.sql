-- Which pages follow (or, :toward being to, come before) the first view of a page in the visits that the filters choose: all at
-- depth 1, at depth 2 those after :one, at depth 3 those after :one and :two. A page shown again at once counts once; an empty
-- path is the visit's end (or beginning); a view at the very moment at which one visit ends and the next begins is in both.
-- `of_all` is how many visits the depth has, also beyond the most seen.
-- params: anchor text, toward text?, one text?, two text?, most number, since time?, until time?, site text?, channel text?, source text?
-- params: campaign text?, page text?, entry text?, exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: depth number, path text, visits number, of_all number
-- with: visits, chosen_visits
, held AS (
  SELECT id, visitor, site, started, ended FROM chosen WHERE baton_holds(pages, :anchor)
),
viewed AS (
  SELECT held.id AS visit, told.id AS sign, told.happened_at AS happened_at, told.path AS path
  FROM events AS told JOIN held ON held.visitor = told.visitor AND held.site = told.site
  WHERE told.name = 'pageview' AND told.host <> '' AND told.machine = ''
    AND told.happened_at >= :since AND told.happened_at < :until + INTERVAL 1 DAY
    AND told.happened_at >= held.started AND told.happened_at <= held.ended
),
beside_each_other AS (
  SELECT *, lag(path) OVER (PARTITION BY visit ORDER BY happened_at, sign) AS path_before FROM viewed
),
in_turn AS (
  SELECT visit, sign, happened_at, path FROM beside_each_other WHERE coalesce(path_before, '') <> path
),
seen_next AS (
  SELECT visit, path, row_number() OVER (PARTITION BY visit, path ORDER BY happened_at, sign) AS nth,
         lead(path, 1) OVER (PARTITION BY visit ORDER BY happened_at, sign) AS next_1,
         lead(path, 2) OVER (PARTITION BY visit ORDER BY happened_at, sign) AS next_2,
         lead(path, 3) OVER (PARTITION BY visit ORDER BY happened_at, sign) AS next_3,
         lag(path, 1) OVER (PARTITION BY visit ORDER BY happened_at, sign) AS back_1,
         lag(path, 2) OVER (PARTITION BY visit ORDER BY happened_at, sign) AS back_2,
         lag(path, 3) OVER (PARTITION BY visit ORDER BY happened_at, sign) AS back_3
  FROM in_turn
),
walks AS (
  SELECT coalesce(CASE WHEN :toward = 'to' THEN back_1 ELSE next_1 END, '') AS path_1,
         coalesce(CASE WHEN :toward = 'to' THEN back_2 ELSE next_2 END, '') AS path_2,
         coalesce(CASE WHEN :toward = 'to' THEN back_3 ELSE next_3 END, '') AS path_3
  FROM seen_next
  WHERE path = :anchor AND nth = 1
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
