"""The API under /api/v1: records as JSON for programs. A token acts as its owner: it sees what they see, no more.

tokens (who asks, how often) -> routes (one function per path) -> the same actions and reads as the pages.
Lists go by cursor, POST may carry an Idempotency-Key, errors are problem+json (docs/api/README.md).
"""
