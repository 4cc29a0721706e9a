"""The Kubernetes API: connection, credentials, permissions, lists and roles."""
