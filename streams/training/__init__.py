"""Scripts that learn what is shipped, from corpora that are not."""
