"""Signatures: who is asked to sign a paper, what they did, and the seal that ends it.

A simple electronic signature (eIDAS Art. 3(10)) with strong evidence, and the organisation's own seal over the result.
open --sign, by every signer--> signed --seal (a job)--> sealed
open --decline--> declined; open --withdraw--> withdrawn
"""
