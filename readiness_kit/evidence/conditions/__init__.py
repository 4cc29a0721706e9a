"""Conditions by topic; the section modules combine them into findings."""
