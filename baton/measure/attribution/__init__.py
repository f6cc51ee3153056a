"""Attribution: which touch earns which share of what was won, by three methods that each add up to the cent.

Credit is written when a deal is won and stays; a report sums it. Where nothing is known the credit is unknown's.
"""
