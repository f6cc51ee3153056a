"""Deals: possible sales, each in one pipeline at one stage until won or lost.

open --move_to_stage--> open --win_deal--> won
                             --lose_deal-> lost --reopen_deal--> open
"""
