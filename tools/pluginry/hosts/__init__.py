"""The runtime side: how a host application loads what the client installed."""
