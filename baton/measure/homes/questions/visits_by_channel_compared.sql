-- Visits per channel in two spans next to each other: [middle, until) and, as `before`, [since, middle).
-- params: since time?, middle time, until time?, site text?
-- rows: channel text, visits number, before number
-- with: visits
SELECT channel, sum(CASE WHEN started >= :middle THEN 1 ELSE 0 END) AS visits,
       sum(CASE WHEN started < :middle THEN 1 ELSE 0 END) AS before
FROM visits
GROUP BY channel
ORDER BY visits DESC, before DESC, channel
