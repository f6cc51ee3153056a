-- Visits of one channel per month of a zone; months without any are left out.
-- params: channel text, since time?, until time?, zone zone, site text?
-- rows: month text, visits number
-- with: visits
SELECT substring(CAST(baton_day_in(started, :zone) AS VARCHAR), 1, 7) AS month, count(*) AS visits
FROM visits
WHERE channel = :channel
GROUP BY 1
ORDER BY 1
