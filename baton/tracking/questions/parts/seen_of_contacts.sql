-- Events of the visitors that some contacts are, and of nobody else.
seen AS (
  SELECT * FROM events
  WHERE visitor IN (SELECT visitor FROM events WHERE contact IS NOT NULL AND baton_among(:contacts, contact))
)
