"""How fast emails go out: at most so many an hour, and the warm-up of a sending domain, so many a day per provider.

Nothing is counted beside the ledger: what has gone out is asked of people/deliveries, so limits hold with many workers
and after a kill. Four lanes - Gmail, Outlook, Yahoo, all others - none of which ever waits for another.
"""
