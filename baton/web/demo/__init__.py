"""The demo company: a believable year of a firm that sells sensors and software, simulated from a fixed seed.

Every table is filled in bulk and back-dated; nothing is sent and no listener runs. It ends the day it is made.
"""
