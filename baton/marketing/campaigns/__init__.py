"""Campaigns: the umbrella over emails, posts, pages and ads, with an objective, a budget, costs and dates."""
