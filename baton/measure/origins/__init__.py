"""The origins report: leads and what became of them, per source; unknown and missing kept apart."""
