"""Interactions in columns, the sliding windows, and what is remembered of subjects and authors."""
