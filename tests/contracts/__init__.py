"""Promises the whole product keeps, checked against every address it has: a new one without an entry fails them."""
