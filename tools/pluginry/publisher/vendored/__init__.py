"""Packages of other ecosystems inside a package, and what is known to be wrong with them."""
