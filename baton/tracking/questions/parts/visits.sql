-- Visits that begin in the span [since, until), one row each: sessions/rules.py in SQL. Needs a part that gives `page_events`,
-- which reads a day before `since`, so that a visit which began earlier is known for what it is.
beside AS (
  SELECT *,
         row_number() OVER (PARTITION BY visitor ORDER BY happened_at, id) AS nth,
         lag(happened_at) OVER (PARTITION BY visitor ORDER BY happened_at, id) AS before,
         max(CASE WHEN marker <> '' THEN concat(CAST(baton_micros(happened_at) AS VARCHAR), marker) END)
           OVER (PARTITION BY visitor ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS carried
  FROM page_events
),
begun AS (
  SELECT *,
         CASE WHEN nth = 1 OR baton_micros(happened_at) - baton_micros(before) >= 1800000000 THEN 1
              WHEN marker = '' THEN 0
              WHEN carried IS NULL OR carried = '' THEN 1
              WHEN baton_micros(happened_at) - CAST(substring(carried, 1, 16) AS BIGINT) >= 86400000000 THEN 1
              WHEN substring(carried, 17) <> marker THEN 1
              ELSE 0 END AS begins
  FROM beside
),
numbered AS (
  SELECT *, sum(begins) OVER (PARTITION BY visitor ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS visit
  FROM begun
),
all_visits AS (
  SELECT visitor, visit,
         min(happened_at) AS started, max(happened_at) AS ended,
         sum(CASE WHEN name = 'pageview' THEN 1 ELSE 0 END) AS views,
         count(*) AS actions,
         max(contact) AS contact,
         max(CASE WHEN begins = 1 THEN source ELSE '' END) AS source,
         max(CASE WHEN begins = 1 THEN medium ELSE '' END) AS medium,
         max(CASE WHEN begins = 1 THEN campaign ELSE '' END) AS campaign,
         max(CASE WHEN begins = 1 THEN content ELSE '' END) AS content,
         max(CASE WHEN begins = 1 THEN click_kind ELSE '' END) AS click_kind,
         max(CASE WHEN begins = 1 THEN referrer_host ELSE '' END) AS referrer_host,
         max(CASE WHEN begins = 1 THEN path ELSE '' END) AS entry_path,
         max(device) AS device
  FROM numbered
  GROUP BY visitor, visit
),
arrivals AS (
  SELECT source, medium, campaign, click_kind, referrer_host,
         baton_channel(source, medium, campaign, click_kind, referrer_host) AS channel
  FROM (SELECT DISTINCT source, medium, campaign, click_kind, referrer_host FROM all_visits) AS told
),
visits AS (
  SELECT all_visits.visitor AS visitor, all_visits.visit AS visit, all_visits.started AS started, all_visits.ended AS ended,
         all_visits.views AS views, all_visits.actions AS actions, all_visits.contact AS contact,
         all_visits.source AS source, all_visits.medium AS medium, all_visits.campaign AS campaign,
         all_visits.content AS content, all_visits.click_kind AS click_kind, all_visits.referrer_host AS referrer_host,
         all_visits.entry_path AS entry_path, all_visits.device AS device, arrivals.channel AS channel
  FROM all_visits
  JOIN arrivals ON arrivals.source = all_visits.source AND arrivals.medium = all_visits.medium
               AND arrivals.campaign = all_visits.campaign AND arrivals.click_kind = all_visits.click_kind
               AND arrivals.referrer_host = all_visits.referrer_host
  WHERE all_visits.started >= :since AND all_visits.started < :until
)
