-- Visits and visitors per channel, most first. The channel is a rule (sessions/channels.py), worked out when asked.
-- params: since time?, until time?, site text?
-- rows: channel text, visits number, visitors number, views number, known number
-- with: visits
SELECT channel, count(*) AS visits, count(DISTINCT visitor) AS visitors, sum(views) AS views,
       sum(CASE WHEN contact IS NOT NULL THEN 1 ELSE 0 END) AS known
FROM visits
GROUP BY channel
ORDER BY visits DESC, channel
