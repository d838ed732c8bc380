"""A development sigstore instance inside this process: certificate authority, two logs and a clock, on loopback.

It lets the real sigstore client sign and verify with no network and no account. Whatever it signs proves
nothing, since whoever holds its folder can sign as anybody; its certificates, issuer and signer say so.
"""

from __future__ import annotations

from pluginry.adapters.sigstore_lab.lab import Lab, RunningLab
from pluginry.adapters.sigstore_lab.names import LAB_IDENTITY, LAB_NOTICE

__all__ = ["LAB_IDENTITY", "LAB_NOTICE", "Lab", "RunningLab"]
