-- The same visits where the engine keeps them as rows (store/visits.py): nothing is left to work out but whose they are.
visits AS NOT MATERIALIZED (
  SELECT kept.id AS id, kept.visit_key AS visit_key, kept.visitor AS visitor, kept.visitor_key AS visitor_key, kept.lasting AS lasting, kept.site AS site, kept.started AS started, kept.ended AS ended,
         kept.views AS views, kept.actions AS actions, coalesce(kept.engaged, 0) AS engaged,
         CASE WHEN kept.unnamed = 1 THEN greatest(kept.contact, identity.contact) ELSE kept.contact END AS contact,
         kept.unnamed AS unnamed, kept.source AS source, kept.medium AS medium, kept.campaign AS campaign,
         kept.content AS content, kept.click_kind AS click_kind, kept.referrer_host AS referrer_host,
         kept.came_from AS came_from,
         kept.entry_path AS entry_path, kept.exit_path AS exit_path, kept.device AS device, kept.browser AS browser,
         kept.system AS system, kept.country AS country, kept.language AS language, kept.channel AS channel,
         kept.page_views AS page_views, kept.pages AS pages,
         kept.view_keys AS view_keys, kept.page_keys AS page_keys, kept.readings AS readings, kept.misses AS misses,
         kept.acts AS acts
  FROM kept_visits AS kept LEFT JOIN identity_by_key AS identity ON identity.visitor_key = kept.visitor_key
  WHERE kept.started >= :since AND kept.started < :until AND (:site = '' OR kept.site = :site)
)
