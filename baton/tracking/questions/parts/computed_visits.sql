-- Visits that begin in the span [since, until), one row each: sessions/rules.py in SQL. Needs a part that gives
-- `page_events`. `page_views` are the paths viewed, in order, `pages` the different ones, `view_keys` and `page_keys` their keys; `readings` tell how long and how far
-- pages were read, `misses` which addresses led to nothing and whence one came, `acts` all that was done, in order; `unnamed` is 1 where a sign
-- was nobody's.
beside AS (
  SELECT *,
         row_number() OVER (PARTITION BY visitor, site ORDER BY happened_at, id) AS nth,
         sum(CASE WHEN name = 'pageview' THEN 1 ELSE 0 END) OVER (PARTITION BY visitor, site ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS viewed,
         lag(happened_at) OVER (PARTITION BY visitor, site ORDER BY happened_at, id) AS before,
         max(CASE WHEN marker <> '' THEN concat(CAST(baton_micros(happened_at) AS VARCHAR), marker) END)
           OVER (PARTITION BY visitor, site ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS carried
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
  SELECT *, id AS sign, engaged AS seconds, CASE WHEN referrer_host = '' THEN '' ELSE concat(referrer_host, referrer_path) END AS referrer,
         CASE WHEN contact IS NULL THEN 1 ELSE 0 END AS nobodys,
         sum(begins) OVER (PARTITION BY visitor, site ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS visit,
         max(CASE WHEN begins = 1 THEN happened_at END)
           OVER (PARTITION BY visitor, site ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS began,
         viewed - max(CASE WHEN begins = 1 THEN viewed - CASE WHEN name = 'pageview' THEN 1 ELSE 0 END END)
           OVER (PARTITION BY visitor, site ORDER BY happened_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS views_so_far
  FROM begun
),
all_visits AS (
  SELECT visitor, site,
         max(CASE WHEN begins = 1 THEN sign ELSE '' END) AS id,
         min(happened_at) AS started, max(happened_at) AS ended,
         sum(CASE WHEN name = 'pageview' THEN 1 ELSE 0 END) AS views,
         sum(CASE WHEN name <> 'engagement' THEN 1 ELSE 0 END) AS actions,
         sum(engaged) AS engaged,
         max(contact) AS contact,
         max(nobodys) AS unnamed,
         max(CASE WHEN begins = 1 THEN source ELSE '' END) AS source,
         max(CASE WHEN begins = 1 THEN medium ELSE '' END) AS medium,
         max(CASE WHEN begins = 1 THEN campaign ELSE '' END) AS campaign,
         max(CASE WHEN begins = 1 THEN content ELSE '' END) AS content,
         max(CASE WHEN begins = 1 THEN click_kind ELSE '' END) AS click_kind,
         max(CASE WHEN begins = 1 THEN referrer_host ELSE '' END) AS referrer_host,
         max(CASE WHEN begins = 1 THEN path ELSE '' END) AS entry_path,
         substring(max(concat(CAST(baton_micros(happened_at) AS VARCHAR), sign, path)), 49) AS exit_path,
         max(device) AS device, max(browser) AS browser, max(system) AS system,
         max(country) AS country, max(language) AS language,
         baton_in_turn(path, happened_at, sign, name = 'pageview') AS page_views,
         array_agg(DISTINCT path) FILTER (WHERE name = 'pageview') AS pages,
         baton_in_turn(baton_reading(path, seconds, depth), happened_at, sign, name = 'engagement') AS readings,
         baton_in_turn(baton_miss(path, happened_at, referrer, views_so_far), happened_at, sign, name = 'not found') AS misses,
         baton_in_turn(baton_act(name, path, happened_at, details), happened_at, sign, name <> 'engagement') AS acts
  FROM numbered
  WHERE began >= :since AND began < :until AND happened_at < began + INTERVAL 1 DAY
  GROUP BY visitor, site, visit
),
arrivals AS (
  SELECT source, medium, campaign, click_kind, referrer_host,
         baton_channel(source, medium, campaign, click_kind, referrer_host) AS channel
  FROM (SELECT DISTINCT source, medium, campaign, click_kind, referrer_host FROM all_visits) AS told
),
visits AS (
  SELECT all_visits.id AS id, baton_key(all_visits.id) AS visit_key, all_visits.visitor AS visitor, baton_key(all_visits.visitor) AS visitor_key,
         CASE WHEN all_visits.visitor LIKE 'v%' THEN 1 ELSE 0 END AS lasting, all_visits.site AS site,
         all_visits.started AS started, all_visits.ended AS ended,
         all_visits.views AS views, all_visits.actions AS actions, all_visits.engaged AS engaged,
         all_visits.contact AS contact, all_visits.unnamed AS unnamed,
         all_visits.source AS source, all_visits.medium AS medium, all_visits.campaign AS campaign,
         all_visits.content AS content, all_visits.click_kind AS click_kind, all_visits.referrer_host AS referrer_host,
         CASE WHEN all_visits.source <> '' THEN all_visits.source ELSE all_visits.referrer_host END AS came_from,
         all_visits.entry_path AS entry_path, all_visits.exit_path AS exit_path,
         all_visits.device AS device, all_visits.browser AS browser, all_visits.system AS system,
         all_visits.country AS country, all_visits.language AS language,
         all_visits.page_views AS page_views, all_visits.pages AS pages, baton_keys(all_visits.page_views) AS view_keys,
         baton_keys(all_visits.pages) AS page_keys, all_visits.readings AS readings,
         baton_misses(all_visits.misses, all_visits.page_views) AS misses, arrivals.channel AS channel,
         all_visits.acts AS acts
  FROM all_visits
  JOIN arrivals ON arrivals.source = all_visits.source AND arrivals.medium = all_visits.medium
               AND arrivals.campaign = all_visits.campaign AND arrivals.click_kind = all_visits.click_kind
               AND arrivals.referrer_host = all_visits.referrer_host
)
