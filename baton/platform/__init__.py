"""What every side stands on: accounts, journal, jobs, mail, files, search, fields, money, dates."""
