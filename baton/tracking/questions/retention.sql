-- How many visitors who came first in a week came again so many weeks after, 12 at most. Weeks begin on Monday in a zone and are
-- numbered from that of 5 January 1970; of those after the one of :first_from 64 are looked at. Only visitors who are known across
-- days (v, by consent); the filters choose the first visit. A first visit is the first of all times: leave `since` out.
-- params: first_from time, first_until time, zone zone, since time?, until time?, site text?, channel text?, source text?
-- params: campaign text?, page text?, entry text?, exit text?, device text?, browser text?, system text?, country text?, language text?
-- rows: week number, after number, visitors number
-- with: visits, chosen_visits
, quarters AS (
  SELECT baton_each(range(baton_quarter(:first_from), least(baton_quarter(:until), baton_quarter(:first_from) + 65 * 672 + 4) + 1)) AS quarter
),
weeks AS (
  SELECT quarter, baton_week_of(quarter, :zone) - baton_week_of(baton_quarter(:first_from), :zone) AS nth FROM quarters
),
bits AS (
  SELECT quarter, nth, CASE WHEN nth BETWEEN 1 AND 64 THEN baton_bit(nth - 1) ELSE baton_no_bits() END AS bit FROM weeks
),
people AS (
  SELECT judged.visitor_key AS visitor_key, min(judged.started) AS started, min(CASE WHEN judged.is_chosen THEN judged.started END) AS chosen,
         min(bits.nth) AS nth, baton_bits(bits.bit) AS later
  FROM judged LEFT JOIN bits ON bits.quarter = baton_quarter(judged.started)
  WHERE judged.lasting = 1
  GROUP BY judged.visitor_key
),
cohorts AS (
  SELECT people.nth AS nth, baton_bits_from(people.later, people.nth) AS came, count(*) AS visitors
  FROM people
  WHERE people.chosen = people.started AND people.started >= :first_from AND people.started < :first_until
  GROUP BY nth, came
)
SELECT cohorts.nth + baton_week_of(baton_quarter(:first_from), :zone) AS week, afters.after AS after, sum(cohorts.visitors) AS visitors
FROM cohorts CROSS JOIN (SELECT baton_each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) AS after) AS afters
WHERE afters.after = 0 OR baton_has_bit(cohorts.came, afters.after - 1)
GROUP BY week, after
ORDER BY week, after
