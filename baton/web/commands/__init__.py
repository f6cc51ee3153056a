"""The operator's commands, one file each: `add_arguments(parser)` and `run(args)`; the docstring is the help text."""
