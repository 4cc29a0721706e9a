"""Conditions on placement, repair, updates, failure domains and the control plane."""
