-- Chains of a funnel: for every visitor or visit the earliest chain that completes most steps (funnels/rules.py in SQL). Step n is an
-- event called :names[n] on a page that :patterns[n] fits, whose prop :props[n] holds :held[n], the prop - being any; a step that
-- is not there has no name. A sign's place is its moment, and among signs of one moment the first step it fits. Needs `chosen`.
fitting AS (
  SELECT *
  FROM (
  SELECT deed,
         name = :names[1] AND baton_matches(path, :patterns[1]) AS one,
         name = :names[2] AND baton_matches(path, :patterns[2]) AS two,
         name = :names[3] AND baton_matches(path, :patterns[3]) AS three,
         name = :names[4] AND baton_matches(path, :patterns[4]) AS four,
         name = :names[5] AND baton_matches(path, :patterns[5]) AS five,
         name = :names[6] AND baton_matches(path, :patterns[6]) AS six,
         name = :names[7] AND baton_matches(path, :patterns[7]) AS seven,
         name = :names[8] AND baton_matches(path, :patterns[8]) AS eight,
         name = :names[9] AND baton_matches(path, :patterns[9]) AS nine,
         name = :names[10] AND baton_matches(path, :patterns[10]) AS ten
  FROM (SELECT DISTINCT deed, name, path FROM named_places WHERE machine = '' AND baton_among(:names, name)) AS told
  ) AS tried
  WHERE one OR two OR three OR four OR five OR six OR seven OR eight OR nine OR ten
),
happened AS (
  SELECT named.visitor_key AS visitor_key, named.site AS site, named.host AS host, named.happened_at AS happened_at,
         fitting.one AND CASE WHEN :props[1] = '-' THEN TRUE ELSE baton_prop(named.props, :props[1]) = :held[1] END AS one,
         fitting.two AND CASE WHEN :props[2] = '-' THEN TRUE ELSE baton_prop(named.props, :props[2]) = :held[2] END AS two,
         fitting.three AND CASE WHEN :props[3] = '-' THEN TRUE ELSE baton_prop(named.props, :props[3]) = :held[3] END AS three,
         fitting.four AND CASE WHEN :props[4] = '-' THEN TRUE ELSE baton_prop(named.props, :props[4]) = :held[4] END AS four,
         fitting.five AND CASE WHEN :props[5] = '-' THEN TRUE ELSE baton_prop(named.props, :props[5]) = :held[5] END AS five,
         fitting.six AND CASE WHEN :props[6] = '-' THEN TRUE ELSE baton_prop(named.props, :props[6]) = :held[6] END AS six,
         fitting.seven AND CASE WHEN :props[7] = '-' THEN TRUE ELSE baton_prop(named.props, :props[7]) = :held[7] END AS seven,
         fitting.eight AND CASE WHEN :props[8] = '-' THEN TRUE ELSE baton_prop(named.props, :props[8]) = :held[8] END AS eight,
         fitting.nine AND CASE WHEN :props[9] = '-' THEN TRUE ELSE baton_prop(named.props, :props[9]) = :held[9] END AS nine,
         fitting.ten AND CASE WHEN :props[10] = '-' THEN TRUE ELSE baton_prop(named.props, :props[10]) = :held[10] END AS ten
  FROM named_events AS named JOIN fitting ON fitting.deed = named.deed
  WHERE named.machine = '' AND named.visitor_key <> baton_key('') AND named.happened_at >= :since AND named.happened_at < :last
    AND (:site = '' OR named.site = :site OR named.host = '')
),
signs AS (
  SELECT *, baton_micros(happened_at) * 16 + CASE WHEN one THEN 1 WHEN two THEN 2 WHEN three THEN 3 WHEN four THEN 4 WHEN five THEN 5 WHEN six THEN 6 WHEN seven THEN 7 WHEN eight THEN 8 WHEN nine THEN 9 WHEN ten THEN 10 END AS place
  FROM happened
  WHERE one OR two OR three OR four OR five OR six OR seven OR eight OR nine OR ten
),
near AS (
  SELECT id, visit_key, visitor_key, site, started, ended FROM chosen WHERE visitor_key IN (SELECT visitor_key FROM signs WHERE one)
),
starts AS (
  SELECT CASE WHEN :per = 'visit' THEN near.visit_key ELSE near.visitor_key END AS unit, signs.place AS place_1, min(near.id) AS visit
  FROM signs JOIN near ON near.visitor_key = signs.visitor_key AND near.site = signs.site
  WHERE signs.one AND signs.host <> '' AND signs.happened_at >= near.started AND signs.happened_at <= near.ended
  GROUP BY unit, place_1
),
placed AS (
  SELECT visitor_key AS unit, place, one, two, three, four, five, six, seven, eight, nine, ten FROM signs
  WHERE :per = 'visitor' AND visitor_key IN (SELECT unit FROM starts)
  UNION ALL
  SELECT near.visit_key AS unit, signs.place AS place, signs.one AS one, signs.two AS two, signs.three AS three, signs.four AS four, signs.five AS five, signs.six AS six, signs.seven AS seven, signs.eight AS eight, signs.nine AS nine, signs.ten AS ten
  FROM signs JOIN near ON near.visitor_key = signs.visitor_key
  WHERE :per = 'visit' AND near.visit_key IN (SELECT unit FROM starts) AND signs.happened_at >= near.started
    AND (signs.host <> '' AND signs.site = near.site AND signs.happened_at <= near.ended
         OR signs.host = '' AND signs.happened_at < near.ended + INTERVAL 30 MINUTE)
),
gathered AS (
  SELECT unit, baton_list_where(place, two) AS all_two,
         baton_list_where(place, three) AS all_three,
         baton_list_where(place, four) AS all_four,
         baton_list_where(place, five) AS all_five,
         baton_list_where(place, six) AS all_six,
         baton_list_where(place, seven) AS all_seven,
         baton_list_where(place, eight) AS all_eight,
         baton_list_where(place, nine) AS all_nine,
         baton_list_where(place, ten) AS all_ten
  FROM placed
  WHERE two OR three OR four OR five OR six OR seven OR eight OR nine OR ten
  GROUP BY unit
),
opened AS (
  SELECT starts.unit AS unit, starts.visit AS visit, starts.place_1 AS place_1,
         starts.place_1 + CAST(:minutes AS BIGINT) * 960000000 + 14 AS latest,
         all_two, all_three, all_four, all_five, all_six, all_seven, all_eight, all_nine, all_ten
  FROM starts LEFT JOIN gathered ON gathered.unit = starts.unit
),
to_two AS (SELECT *, baton_next(all_two, place_1, latest) AS place_2 FROM opened),
to_three AS (SELECT *, baton_next(all_three, place_2, latest) AS place_3 FROM to_two),
to_four AS (SELECT *, baton_next(all_four, place_3, latest) AS place_4 FROM to_three),
to_five AS (SELECT *, baton_next(all_five, place_4, latest) AS place_5 FROM to_four),
to_six AS (SELECT *, baton_next(all_six, place_5, latest) AS place_6 FROM to_five),
to_seven AS (SELECT *, baton_next(all_seven, place_6, latest) AS place_7 FROM to_six),
to_eight AS (SELECT *, baton_next(all_eight, place_7, latest) AS place_8 FROM to_seven),
to_nine AS (SELECT *, baton_next(all_nine, place_8, latest) AS place_9 FROM to_eight),
to_ten AS (SELECT *, baton_next(all_ten, place_9, latest) AS place_10 FROM to_nine),
ranked AS (
  SELECT *, (10 - level) * 288230376151711744 + place_1 AS rank
  FROM (SELECT *, 1 + CASE WHEN place_2 > 0 THEN 1 ELSE 0 END + CASE WHEN place_3 > 0 THEN 1 ELSE 0 END + CASE WHEN place_4 > 0 THEN 1 ELSE 0 END + CASE WHEN place_5 > 0 THEN 1 ELSE 0 END + CASE WHEN place_6 > 0 THEN 1 ELSE 0 END + CASE WHEN place_7 > 0 THEN 1 ELSE 0 END + CASE WHEN place_8 > 0 THEN 1 ELSE 0 END + CASE WHEN place_9 > 0 THEN 1 ELSE 0 END + CASE WHEN place_10 > 0 THEN 1 ELSE 0 END AS level FROM to_ten) AS counted
),
chains AS (
  SELECT unit, baton_of_least(visit, rank) AS visit, max(level) AS level, baton_of_least(place_1, rank) AS place_1,
         baton_of_least(place_2, rank) AS place_2,
         baton_of_least(place_3, rank) AS place_3,
         baton_of_least(place_4, rank) AS place_4,
         baton_of_least(place_5, rank) AS place_5,
         baton_of_least(place_6, rank) AS place_6,
         baton_of_least(place_7, rank) AS place_7,
         baton_of_least(place_8, rank) AS place_8,
         baton_of_least(place_9, rank) AS place_9,
         baton_of_least(place_10, rank) AS place_10
  FROM ranked
  GROUP BY unit
)
