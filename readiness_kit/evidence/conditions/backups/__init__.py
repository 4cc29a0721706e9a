"""Conditions on backups of Weaviate and snapshots of its volumes."""
