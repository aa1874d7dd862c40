"""How the tables came to be, step by step; `database.migrate` runs what is missing."""
