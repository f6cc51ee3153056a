"""Routing: who gets a ready lead. Owner first, then round robin among those who may, then the catch-all."""
