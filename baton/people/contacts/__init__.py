"""Contacts: people we know. A contact is never copied: leads, deals and customers are what happens to it."""
