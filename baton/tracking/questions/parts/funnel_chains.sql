-- Chains of a funnel: for every visitor or visit the earliest chain that completes most steps (funnels/rules.py in SQL). Step n is an
-- event called :names[n] on a page that :patterns[n] fits, whose prop :props[n] holds :held[n], the prop - being any. A sign's
-- place is its moment, and among signs of one moment the first step it fits. A sign where two visits touch is
-- in the earlier one. A visit lasts a day at most: a sign is in one that began on its day or the day before. Needs `chosen`.
-- Signs that begin are grouped so that DuckDB takes them for few and looks visits up in them, not them in millions of visits.
fitting AS (
  SELECT *
  FROM (
    SELECT deed{% for n in steps %},
           name = :names[{{ n }}] AND baton_matches(path, :patterns[{{ n }}]) AS step_{{ n }}{% endfor %}
    FROM (SELECT DISTINCT deed, name, path FROM named_places WHERE machine = '' AND baton_among(:names, name)) AS told
  ) AS tried
  WHERE {% for n in steps %}{{ " OR " if n > 1 }}step_{{ n }}{% endfor %}
),
happened AS (
  SELECT named.visitor_key AS visitor_key, named.site AS site, named.host <> '' AS is_on_page, named.happened_at AS happened_at{% for n in steps %},
         fitting.step_{{ n }} AND CASE WHEN :props[{{ n }}] = '-' THEN TRUE ELSE baton_prop(named.props, :props[{{ n }}]) = :held[{{ n }}] END AS step_{{ n }}{% endfor %}
  FROM named_events AS named JOIN fitting ON fitting.deed = named.deed
  WHERE named.machine = '' AND named.visitor_key <> baton_key('') AND named.happened_at >= :since AND named.happened_at < :last
    AND (:site = '' OR named.site = :site OR named.host = '')
),
signs AS (
  SELECT *, baton_micros(happened_at) * 16 + CASE{% for n in steps %} WHEN step_{{ n }} THEN {{ n }}{% endfor %} END AS place
  FROM happened
  WHERE {% for n in steps %}{{ " OR " if n > 1 }}step_{{ n }}{% endfor %}
),
begins AS (
  SELECT signs.visitor_key AS visitor_key, signs.site AS site, min(signs.happened_at) AS happened_at, min(signs.place) AS place
  FROM signs
  WHERE signs.step_1 AND signs.is_on_page
  GROUP BY signs.visitor_key, signs.site, baton_moment(signs.place)
),
begins_on AS (
  SELECT *, baton_each([CAST(happened_at AS DATE), CAST(happened_at AS DATE) - 1]) AS day FROM begins
),
begun_in AS MATERIALIZED (
  SELECT chosen.visit_key AS visit_key, chosen.visitor_key AS visitor_key, chosen.site AS site, chosen.started AS started, chosen.ended AS ended,
         chosen.channel AS channel, chosen.device AS device, chosen.campaign AS campaign, chosen.contact AS contact, begins.place AS place
  FROM begins_on AS begins JOIN chosen ON chosen.visitor_key = begins.visitor_key AND chosen.site = begins.site AND CAST(chosen.started AS DATE) = begins.day
  WHERE begins.happened_at >= chosen.started AND begins.happened_at <= chosen.ended
),
starts AS (
  SELECT CASE WHEN :per = 'visit' THEN visit_key ELSE visitor_key END AS unit, place AS place_1, visit_key AS visit, baton_micros(ended) AS ended FROM begun_in
),
within AS (
  SELECT DISTINCT visit_key, visitor_key, site, started, ended FROM begun_in WHERE :per = 'visit'
),
placed AS (
  SELECT visitor_key AS unit, place{% for n in steps if n > 1 %}, step_{{ n }}{% endfor %} FROM signs
  WHERE :per = 'visitor' AND visitor_key IN (SELECT unit FROM starts)
  UNION ALL
  SELECT within.visit_key AS unit, signs.place AS place{% for n in steps if n > 1 %}, signs.step_{{ n }} AS step_{{ n }}{% endfor %}
  FROM signs JOIN within ON within.visitor_key = signs.visitor_key
  WHERE signs.happened_at >= within.started
    AND (signs.is_on_page AND signs.site = within.site AND signs.happened_at <= within.ended
         OR NOT signs.is_on_page AND signs.happened_at < within.ended + INTERVAL 30 MINUTE)
),
gathered AS (
  SELECT unit{% for n in steps if n > 1 %}, baton_list_where(place, step_{{ n }}) AS all_{{ n }}{% endfor %}
  FROM placed
  WHERE {% for n in steps if n > 1 %}{{ " OR " if n > 2 }}step_{{ n }}{% endfor %}
  GROUP BY unit
),
chain_1 AS (
  SELECT starts.unit AS unit, starts.visit AS visit, starts.ended AS ended, starts.place_1 AS place_1,
         starts.place_1 + CAST(:minutes AS BIGINT) * 960000000 + 14 AS latest{% for n in steps if n > 1 %}, all_{{ n }}{% endfor %}
  FROM starts LEFT JOIN gathered ON gathered.unit = starts.unit
),
{%- for n in steps if n > 1 %}
chain_{{ n }} AS (SELECT *, baton_next(all_{{ n }}, place_{{ n - 1 }}, latest) AS place_{{ n }} FROM chain_{{ n - 1 }}),
{%- endfor %}
ranked AS (
  SELECT *, (10 - level) * 288230376151711744 + place_1 AS rank
  FROM (SELECT *, 1{% for n in steps if n > 1 %} + CASE WHEN place_{{ n }} > 0 THEN 1 ELSE 0 END{% endfor %} AS level FROM chain_{{ steps | length }}) AS counted
),
chains AS (
  SELECT unit, baton_of_least(visit, (rank, ended, visit)) AS visit, max(level) AS level{% for n in steps %}, baton_of_least(place_{{ n }}, rank) AS place_{{ n }}{% endfor %}
  FROM ranked
  GROUP BY unit
)
