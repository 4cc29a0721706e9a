"""The semantics of Kubernetes objects: selectors, quantities, topology, network policies, pod security."""
