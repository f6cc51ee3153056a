-- The visits that the filters choose: the day of a zone on which each begins, the quarter of an hour, whose it is, and its page
-- views. ask_days() counts them.
-- params: since time?, until time?, zone zone, site text?, channel text?, source text?, campaign text?, page text?, entry text?
-- params: exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: day date, quarter number, visitor_key key, views number
-- with: visits, chosen_visits
SELECT baton_day_of(baton_quarter(started), :zone) AS day, baton_quarter(started) AS quarter, visitor_key, views
FROM chosen
