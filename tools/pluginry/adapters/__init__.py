"""Everything that touches network, git, object stores, sigstore or the trust metadata library."""
