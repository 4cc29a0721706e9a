"""What Kubernetes objects mean: selectors, quantities, topology, exposure, policies, security."""
