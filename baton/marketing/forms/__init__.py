"""Forms: what a visitor fills in, on a page of ours or embedded; each sending makes or updates a contact and a lead."""
