"""Conditions on entry points, access, TLS, service meshes and network policies."""
