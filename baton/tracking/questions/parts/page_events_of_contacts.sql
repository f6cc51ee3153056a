-- page_events of the visitors that some contacts are, and of nobody else.
page_events AS (
  SELECT id, happened_at, name, visitor, site, contact, path, device, browser, system, country, language,
         campaign, content, medium, source, click_kind, referrer_host,
         CASE WHEN source <> '' OR campaign <> '' OR click_id <> ''
              THEN concat(source, '|', medium, '|', campaign, '|', click_id) ELSE '' END AS marker
  FROM events
  WHERE host <> '' AND machine = '' AND visitor <> ''
    AND happened_at >= :since - INTERVAL 1 DAY AND happened_at < :until + INTERVAL 1 DAY
    AND (:site = '' OR site = :site)
    AND visitor IN (SELECT visitor FROM events WHERE contact IS NOT NULL AND baton_among(:contacts, contact))
)
