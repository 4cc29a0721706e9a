"""Derived from facts: usage history, sizing, growth scenarios and failure scenarios."""
