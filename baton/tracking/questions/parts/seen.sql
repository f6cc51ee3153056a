-- All events.
seen AS (
  SELECT * FROM events
)
