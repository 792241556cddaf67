"""Scored records into bytes of a format, and those into files."""
