"""The lead SLA: what marketing and sales agreed, in versions. One is active; a draft replaces it once approved."""
