"""What the lab calls itself: names that no reader can take for a production instance, all below ``.invalid``."""

from __future__ import annotations

from typing import Final

from pluginry.model.attestation import SignerIdentity

LAB_NOTICE: Final = "Pluginry LAB - development only, proves nothing"
"""The common name of the lab's certificate authority."""

LAB_HOST: Final = "lab.pluginry.invalid"
LAB_URL: Final = f"https://{LAB_HOST}"
LOG_NAME: Final = f"rekor.{LAB_HOST}"
"""Signs the checkpoints; clients in other languages want it inside the log's base URL."""

LAB_IDENTITY: Final = SignerIdentity(issuer=LAB_URL, san=f"{LAB_URL}/publish")
"""Who signs with a lab token that claims nothing else."""
