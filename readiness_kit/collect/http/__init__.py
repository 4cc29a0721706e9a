"""Shared by all sources: transport, deadlines, certificates and the allow-lists of requests."""
