"""Rows of files: found, opened, read, and what is wrong with some of them."""
