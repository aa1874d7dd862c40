"""The shell: sources and wire format, the stages and their runner, settings, metrics, and the command line."""
