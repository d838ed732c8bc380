"""Whose certificates are believed, and which one is shown: the TLS context of a connection to a marketplace.

In: an `Access`, the environment. Out: a context that checks certificate and name; there is no way to switch that off.
"""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

from pluginry.errors import AuthError, UsageError

if TYPE_CHECKING:
    from pluginry.model.access import Access

_NAMED_BY_THE_ENVIRONMENT = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def tls_context(access: Access) -> ssl.SSLContext:
    """Return the context for `access`.

    The authorities are those of ``ca_file`` alone, else those that SSL_CERT_FILE or SSL_CERT_DIR name, else those of
    the operating system: through truststore where that is installed, as OpenSSL finds them where not.

    Raises:
        UsageError: the file of authorities cannot be used.
        AuthError: the client certificate cannot be used.

    """
    context = _trusting(access.ca_file)
    if access.client_certificate:
        try:
            # Without this, an encrypted key would ask on the terminal.
            context.load_cert_chain(access.client_certificate, access.client_key or None, password="")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise AuthError(
                "the client certificate cannot be used",
                where=access.client_certificate,
                hint="a PEM file with certificate and unencrypted key, or name the file of the key",
            ) from error
    return context


def _trusting(ca_file: str) -> ssl.SSLContext:
    if ca_file:
        try:
            return ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise UsageError("the file of authorities cannot be used", where=ca_file, hint="a PEM file") from error
    if not any(os.environ.get(name) for name in _NAMED_BY_THE_ENVIRONMENT):
        try:
            import truststore
        except ModuleNotFoundError:
            pass
        else:
            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context()
