-- What fits a step of a funnel and happened on no page: a server told it of a visitor. Step n is an event called :names[n] with a
-- path that :patterns[n] fits, whose prop :props[n] holds :held[n], the prop - being any. `steps` is as in funnel_deeds.sql.
-- params: names texts, patterns texts, props texts, held texts, since time?, until time?
-- rows: visitor_key key, happened_at time, steps number
SELECT visitor_key, happened_at, steps
FROM (
  SELECT visitor_key, happened_at, 0{% for n in steps %}
         + CASE WHEN name = :names[{{ n }}] AND baton_matches(path, :patterns[{{ n }}])
                 AND CASE WHEN :props[{{ n }}] = '-' THEN TRUE ELSE baton_prop(props, :props[{{ n }}]) = :held[{{ n }}] END THEN {{ 2 ** (n - 1) }} ELSE 0 END{% endfor %} AS steps
  FROM named_events
  WHERE host = '' AND machine = '' AND visitor_key <> baton_key('') AND baton_among(:names, name)
    AND happened_at >= :since AND happened_at < :until
) AS told
WHERE steps > 0
