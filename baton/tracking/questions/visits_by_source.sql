-- Visits per stated source or referring host with its channel, most first; direct visits are left out.
-- params: since time?, until time?, site text?
-- rows: source text, channel text, visits number, visitors number
-- with: page_events, visits
SELECT CASE WHEN source <> '' THEN source ELSE referrer_host END AS source, channel,
       count(*) AS visits, count(DISTINCT visitor) AS visitors
FROM visits
WHERE source <> '' OR referrer_host <> ''
GROUP BY 1, 2
ORDER BY visits DESC, source, channel
LIMIT 50
