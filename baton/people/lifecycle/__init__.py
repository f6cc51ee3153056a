"""The lifecycle ladder: how far a contact has come with us. Only move_lifecycle moves it; every move is kept."""
