"""Identity: which visitor is which contact, claimed with a strength, joined when a question is asked."""

from baton.tracking.identity.actions import MEDIUM, STRONG, TYPED, claim_visitor
from baton.tracking.identity.reads import contact_of
from baton.tracking.identity.tokens import link_token, read_link_token

__all__ = ["MEDIUM", "STRONG", "TYPED", "claim_visitor", "contact_of", "link_token", "read_link_token"]
