"""The shell: settings, addresses, wiring, home, templates, static files, commands."""
