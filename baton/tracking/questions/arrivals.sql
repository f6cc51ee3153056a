-- The different ways in which visits came, most first: all that a rule of channels looks at, and how many visits.
-- params: since time?, until time?, site text?
-- rows: source text, medium text, campaign text, click_kind text, referrer_host text, visits number
-- with: visits
SELECT source, medium, campaign, click_kind, referrer_host, count(*) AS visits
FROM visits
GROUP BY source, medium, campaign, click_kind, referrer_host
ORDER BY visits DESC, source, medium, campaign, click_kind, referrer_host
