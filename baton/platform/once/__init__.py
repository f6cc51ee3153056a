"""A form that was sent is done once: its sending is kept beside what it made, and a repeat is told where that is.

A page puts a random key into each form (`{{ once_input() }}` in a template). web/once.py claims the sending in
the transaction that does the work, so a double click, a lost answer sent again and two at once all make one thing.
"""
