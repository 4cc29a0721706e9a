"""Conditions on service accounts, roles, pod security and rotation."""
