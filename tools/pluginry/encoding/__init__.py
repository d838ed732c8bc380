"""How things are written: bytes to values and back, without network or clock."""
