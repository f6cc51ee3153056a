-- What people did on pages, of the events that `seen` gives, in a span, the day before it and the day after it, with the marker
-- that tells one campaign's arrival from another: a visit that began before is known for what it is, one that begins in the span is read to its end.
-- `engaged` are the seconds in which a page was in front of somebody, half an hour at most each time; `depth` is how far it
-- was scrolled, in percent; `details` are the props of what somebody did.
page_events AS (
  SELECT id, happened_at, name, visitor, site, contact, path, device, browser, system, country, language,
         campaign, content, medium, source, click_kind, referrer_host, referrer_path,
         CASE WHEN source <> '' OR campaign <> '' OR click_id <> ''
              THEN concat(source, '|', medium, '|', campaign, '|', click_id) ELSE '' END AS marker,
         CASE WHEN name = 'engagement'
              THEN floor(least(greatest(coalesce(baton_number(baton_prop(props, 'seconds')), 0), 0), 1800)) ELSE 0 END AS engaged,
         CASE WHEN name = 'engagement'
              THEN least(greatest(coalesce(baton_number(baton_prop(props, 'scroll')), 0), 0), 100) ELSE 0 END AS depth,
         CASE WHEN name IN ('pageview', 'engagement') THEN '' ELSE props END AS details
  FROM seen
  WHERE host <> '' AND machine = '' AND visitor <> ''
    AND happened_at >= :since - INTERVAL 1 DAY AND happened_at < :until + INTERVAL 1 DAY
    AND (:site = '' OR site = :site)
)
