-- The first and the last visit of every contact that began in a span, with channel and campaign.
-- params: contacts numbers, since time?, until time?, site text?
-- rows: contact number, touches number, first_at time, first_channel text, first_campaign text, last_at time, last_channel text, last_campaign text
-- with: seen_of_contacts, page_events, computed_visits
, ranked AS (
  SELECT contact, started, channel, campaign,
         row_number() OVER (PARTITION BY contact ORDER BY started, id) AS from_first,
         row_number() OVER (PARTITION BY contact ORDER BY started DESC, id DESC) AS from_last
  FROM visits
  WHERE contact IS NOT NULL AND baton_among(:contacts, contact)
)
SELECT contact, count(*) AS touches, min(started) AS first_at,
       max(CASE WHEN from_first = 1 THEN channel ELSE '' END) AS first_channel,
       max(CASE WHEN from_first = 1 THEN campaign ELSE '' END) AS first_campaign,
       max(started) AS last_at,
       max(CASE WHEN from_last = 1 THEN channel ELSE '' END) AS last_channel,
       max(CASE WHEN from_last = 1 THEN campaign ELSE '' END) AS last_campaign
FROM ranked
GROUP BY contact
ORDER BY contact
