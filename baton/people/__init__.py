"""Who we know: contacts, companies, leads, lifecycle, consent, deliveries, timeline."""
