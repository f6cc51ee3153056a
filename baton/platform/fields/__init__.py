"""Custom fields on contact, company and deal: defined once, kept as JSON by field id, checked by type."""
