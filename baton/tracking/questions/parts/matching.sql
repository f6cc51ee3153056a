-- Events of known contacts that are as a condition says; an empty text means any, the prop - means any.
matching AS (
  SELECT contact, happened_at, id, value_minor, props
  FROM events
  WHERE contact IS NOT NULL AND machine = '' AND name = :name
    AND (:path = '' OR position(:path IN path) > 0)
    AND (:campaign = '' OR campaign = :campaign)
    AND (:source = '' OR source = :source)
    AND (:medium = '' OR medium = :medium)
    AND (:referrer = '' OR referrer_host = :referrer)
    AND (:device = '' OR device = :device)
    AND (:country = '' OR country = :country)
    AND (:prop = '-' OR baton_prop(props, :prop) = :prop_value)
)
