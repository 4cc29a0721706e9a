"""Detection of tools in the cluster, by a table of indicators."""
