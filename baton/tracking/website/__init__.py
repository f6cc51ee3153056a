"""The Website page: what visitors did, on one page, and how to put the script on a site."""
