"""Quotes: what is offered, at which price, until when. A sent quote is frozen; a new version replaces it.

draft --send_quote--> sent --> viewed --accept_quote--> accepted
                                      --decline_quote-> declined
                                      --(validity ends)-> expired
                                      --new_version---> superseded
"""
