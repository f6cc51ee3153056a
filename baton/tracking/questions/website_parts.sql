-- The visits that the filters choose, parted by one thing and most first: by channel, source, campaign, entry, exit, device,
-- browser, system, country or language. An empty label is what is not known.
-- params: by text, most number, since time?, until time?, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: label text, visitors number, visits number, views number, bounced number, minutes share, known number
-- with: visits, chosen_visits
, parted AS NOT MATERIALIZED (
  SELECT *, CASE :by WHEN 'channel' THEN channel WHEN 'source' THEN came_from WHEN 'campaign' THEN campaign
                     WHEN 'entry' THEN entry_path WHEN 'exit' THEN exit_path WHEN 'device' THEN device
                     WHEN 'browser' THEN browser WHEN 'system' THEN system WHEN 'country' THEN country ELSE language END AS label
  FROM chosen
),
most_seen AS (
  SELECT label, count(*) AS visits, sum(views) AS views, sum(CASE WHEN actions <= 1 THEN 1 ELSE 0 END) AS bounced,
         sum(baton_micros(ended) - baton_micros(started)) / 60000000.0 AS minutes,
         sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END) AS known
  FROM parted
  GROUP BY label
  ORDER BY visits DESC, label
  LIMIT :most
),
counted AS (
  SELECT mark, count(DISTINCT visitor_key) AS visitors
  FROM (SELECT baton_mark(label) AS mark, visitor_key FROM parted) AS seen
  WHERE mark IN (SELECT baton_mark(label) FROM most_seen)
  GROUP BY mark
)
SELECT most_seen.label AS label, counted.visitors AS visitors, most_seen.visits AS visits, most_seen.views AS views,
       most_seen.bounced AS bounced, most_seen.minutes AS minutes, most_seen.known AS known
FROM most_seen JOIN counted ON counted.mark = baton_mark(most_seen.label)
ORDER BY visits DESC, label
