"""What must not leave the folder: pseudonyms, and the scan for secrets."""
