"""Lists: what every page of rows does alike, and only once.

A noun says in its listing.py what its list is (listing.py here: columns, orders, conditions, what may be changed of
many rows). urls.py makes the addresses: the page, its CSV file, the columns a person chose, their saved views, and
changes of many rows with undo, in a job where it is more than a page's worth.
"""
