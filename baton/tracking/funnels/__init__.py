"""Funnels: saved rows of steps, and how many visitors or visits came how far along them."""
