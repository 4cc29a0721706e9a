"""Weaviate's own REST API: nodes, schema, shards, backups, roles."""
