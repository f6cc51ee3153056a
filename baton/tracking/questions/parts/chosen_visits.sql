-- Visits, and whether they are as the filters of the Website page say; an empty text means any, (none) means unknown.
judged AS NOT MATERIALIZED (
  SELECT *,
    (:channel = '' OR channel = :channel)
    AND (:source = '' OR came_from = CASE WHEN :source = '(none)' THEN '' ELSE :source END)
    AND (:campaign = '' OR campaign = CASE WHEN :campaign = '(none)' THEN '' ELSE :campaign END)
    AND (:page = '' OR baton_holds(pages, :page))
    AND (:entry = '' OR entry_path = :entry)
    AND (:exit = '' OR exit_path = :exit)
    AND (:device = '' OR device = CASE WHEN :device = '(none)' THEN '' ELSE :device END)
    AND (:browser = '' OR browser = CASE WHEN :browser = '(none)' THEN '' ELSE :browser END)
    AND (:system = '' OR system = CASE WHEN :system = '(none)' THEN '' ELSE :system END)
    AND (:country = '' OR country = CASE WHEN :country = '(none)' THEN '' ELSE :country END)
    AND (:language = '' OR language = CASE WHEN :language = '(none)' THEN '' ELSE :language END) AS is_chosen
  FROM visits
),
chosen AS NOT MATERIALIZED (
  SELECT * FROM judged WHERE is_chosen
)
