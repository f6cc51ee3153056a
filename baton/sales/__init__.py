"""Closes deals one to one: pipelines, deals, activities, tasks, products, quotes, signatures, orders."""
