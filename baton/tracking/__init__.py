"""What visitors did: collecting, identity, sessions, the event store and its questions."""
