-- Whose the visits are that the filters choose, of those with some labels; see website_parts.sql. ask_different() counts them.
-- params: by text, labels texts, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: part number, thing key
-- with: visits, chosen_visits, parted_visits
, told AS (
  SELECT place, baton_mark(baton_nth(:labels, place)) AS mark
  FROM (SELECT baton_each(range(1, length(:labels) + 1)) AS place) AS places
)
SELECT told.place AS part, parted.visitor_key AS thing
FROM parted JOIN told ON told.mark = baton_mark(parted.label)
