"""Conditions on replication, membership, data shape and ingestion."""
