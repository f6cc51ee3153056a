-- Visits and visitors per campaign code (utm_campaign); the empty code is visits that name none.
-- params: since time?, until time?, site text?
-- rows: campaign text, visits number, visitors number, views number, known number
-- with: visits
SELECT campaign, count(*) AS visits, count(DISTINCT visitor) AS visitors, sum(views) AS views,
       sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END) AS known
FROM visits
GROUP BY campaign
ORDER BY visits DESC, campaign
