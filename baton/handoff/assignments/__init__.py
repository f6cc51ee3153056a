"""Handoffs: a ready lead assigned to a rep, with frozen evidence and two running clocks.

assigned --accept--> accepted --first attempt--> (kept)
         --reject--> rejected  (the reason acts: retry, fix data, nurture, suppress)
         --time----> expired   (goes to the next rep, the manager is told)
         --the lead ends otherwise--> withdrawn
"""
