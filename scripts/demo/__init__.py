"""Generator of the bundled demonstration cluster: `python -m scripts.demo.make` writes its files."""
