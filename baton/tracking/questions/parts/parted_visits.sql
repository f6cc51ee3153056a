-- Chosen visits with the label of one thing that visits are parted by; an empty one is what is not known.
parted AS NOT MATERIALIZED (
  SELECT *, CASE :by WHEN 'channel' THEN channel WHEN 'source' THEN came_from WHEN 'campaign' THEN campaign
                     WHEN 'entry' THEN entry_path WHEN 'exit' THEN exit_path WHEN 'device' THEN device
                     WHEN 'browser' THEN browser WHEN 'system' THEN system WHEN 'country' THEN country ELSE language END AS label
  FROM chosen
)
