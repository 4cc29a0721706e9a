"""Analyses of the facts: usage history, sizing, growth scenarios and failure scenarios."""
