"""The Weaviate workload: configuration, environment, collections and shards."""
