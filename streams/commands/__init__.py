"""The commands, one a module: what each takes, prints and exits with."""
