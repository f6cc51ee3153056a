"""Writing an email: every version of its words, pictures one has uploaded, and the visual editor."""
