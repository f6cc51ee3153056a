"""The shared scoreboard: reads all sides, writes none."""
