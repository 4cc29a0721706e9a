"""The Weaviate workload: configuration, environment, exposure, collections and shards."""
