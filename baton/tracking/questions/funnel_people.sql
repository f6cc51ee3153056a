-- Known contacts who reached a step of a funnel: how far they came, and when the visit began in which they took the first step;
-- the latest first. See parts/funnel_chains.sql.
-- params: step number, most number
-- params: names texts, patterns texts, props texts, held texts, per text, minutes number, last time?, since time?, until time?, site text?
-- params: channel text?, source text?, campaign text?, page text?, entry text?, exit text?, device text?, browser text?
-- params: system text?, country text?, language text?
-- rows: contact number, level number, started time
-- with: visits, chosen_visits, funnel_chains
SELECT chosen.contact AS contact, max(chains.level) AS level, max(chosen.started) AS started
FROM chains JOIN begun_in AS chosen ON chosen.visit_key = chains.visit AND chosen.place = chains.place_1
WHERE chosen.contact IS NOT NULL AND chains.level >= :step
GROUP BY chosen.contact
ORDER BY started DESC, contact
LIMIT :most
