-- Where those went who stopped at a step of a funnel: the page they saw next, within the time the funnel gives them and, for
-- a funnel of visits, in that visit. The most seen of each step. See parts/funnel_chains.sql.
-- params: most number
-- params: names texts, patterns texts, props texts, held texts, per text, minutes number, last time?, since time?, until time?, site text?
-- params: channel text?, source text?, campaign text?, page text?, entry text?, exit text?, device text?, browser text?
-- params: system text?, country text?, language text?
-- rows: step number, path text, dropped number
-- with: visits, chosen_visits, funnel_chains
, stopped AS (
  SELECT chains.unit AS unit, chains.level AS level, chosen.visitor_key AS visitor_key, chosen.site AS site,
         baton_moment(CASE chains.level{% for n in steps %} WHEN {{ n }} THEN chains.place_{{ n }}{% endfor %} END) AS moment,
         CASE WHEN :per = 'visit' THEN least(baton_micros(chosen.ended), baton_moment(chains.place_1) + CAST(:minutes AS BIGINT) * 60000000)
              ELSE baton_moment(chains.place_1) + CAST(:minutes AS BIGINT) * 60000000 END AS latest
  FROM chains JOIN begun_in AS chosen ON chosen.visit_key = chains.visit AND chosen.place = chains.place_1
),
went AS (
  SELECT stopped.unit AS unit, max(stopped.level) AS level, min(concat(CAST(baton_micros(viewed.happened_at) AS VARCHAR), viewed.path)) AS next
  FROM named_events AS viewed JOIN stopped ON stopped.visitor_key = viewed.visitor_key AND stopped.site = viewed.site
  WHERE viewed.name = 'pageview' AND viewed.host <> '' AND viewed.machine = ''
    AND viewed.happened_at >= :since AND viewed.happened_at < :last
    AND baton_micros(viewed.happened_at) > stopped.moment AND baton_micros(viewed.happened_at) <= stopped.latest
  GROUP BY stopped.unit
),
counted AS (
  SELECT level AS step, substring(next, 17) AS path, count(*) AS dropped FROM went GROUP BY level, path
)
SELECT step, path, dropped
FROM (SELECT *, row_number() OVER (PARTITION BY step ORDER BY dropped DESC, path) AS nth FROM counted) AS ranked
WHERE nth <= :most
ORDER BY step, dropped DESC, path
