-- Visits with what was done in them, and whether they are as the filters say; of :shares shares of all visitors those of one, from 0.
-- params: by text?, share number?, shares number?, since time?, until time?, site text?
-- params: channel text?, source text?, campaign text?, page text?, entry text?, exit text?, device text?, browser text?
-- params: system text?, country text?, language text?
-- rows: visitor_key key, site_key key, started time, ended time, is_chosen number, label text, acts acts
-- with: visits, chosen_visits
SELECT visitor_key, baton_key(site) AS site_key, started, ended, CASE WHEN is_chosen THEN 1 ELSE 0 END AS is_chosen,
       CASE :by WHEN 'channel' THEN channel WHEN 'device' THEN device WHEN 'campaign' THEN campaign
                WHEN 'contact' THEN CASE WHEN contact IS NULL THEN '' ELSE CAST(coalesce(contact, 0) AS VARCHAR) END ELSE '' END AS label,
       acts
FROM judged
WHERE baton_bits_from(visitor_key, 40) % greatest(:shares, 1) = :share
