"""Pseudonyms for names, and the scan for secrets before a file is written."""
