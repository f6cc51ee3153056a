-- What people did that fits a step of a funnel, whatever its details: step n is an event called :names[n] on a page that
-- :patterns[n] fits. `steps` is a number whose bit n - 1 is set where it fits step n.
-- params: names texts, patterns texts
-- rows: deed key, steps number
SELECT DISTINCT deed, steps
FROM (
  SELECT baton_deed(name, path) AS deed, 0{% for n in steps %}
         + CASE WHEN name = :names[{{ n }}] AND baton_matches(path, :patterns[{{ n }}]) THEN {{ 2 ** (n - 1) }} ELSE 0 END{% endfor %} AS steps
  FROM named_places
  WHERE machine = '' AND baton_among(:names, name)
) AS told
WHERE steps > 0
