"""Companies: organisations we sell to. Optional everywhere, for people buy too; matched by their mail domain."""
