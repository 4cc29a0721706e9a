"""Conditions on memory, capacity and storage."""
