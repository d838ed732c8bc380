"""Which proxy stands between this machine and a marketplace.

In: the address of the marketplace, an `Access`, the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY, or what the
operating system is set to). Out: the proxy, its password apart from its address.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pluginry.errors import UsageError
from pluginry.model.access import DIRECT, VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.access import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """``address`` is for people too; ``headers`` may hold the password."""

    address: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


def proxy_for(address: str, access: Access) -> Proxy | None:
    """Return the proxy for the https `address`; None to go there directly.

    Raises:
        UsageError: what names it is no address of a proxy.

    """
    if access.proxy == DIRECT:
        return None
    if access.proxy:
        named_by, found = access.proxy, access.proxy
        if access.proxy.startswith(VARIABLE):
            named_by = access.proxy.removeprefix(VARIABLE)
            found = os.environ.get(named_by, "")
    else:
        named_by, found = "the environment", _from_the_environment(address)
        if not found:
            return None
    return _parsed(found, named_by)


def _from_the_environment(address: str) -> str:
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    found = proxies.get("https") or proxies.get("all") or ""
    return "" if found and proxy_bypass(urlsplit(address).netloc) else found


def _parsed(text: str, named_by: str) -> Proxy:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("http", "https"):
        # Not shown: nobody can say which part of it is the password.
        raise UsageError("this is not the address of a proxy", where=named_by, hint="as in http://proxy.example:3128")
    shown = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    if parts.username is None:
        return Proxy(address=shown)
    from urllib3 import make_headers

    password = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Proxy(address=shown, headers=MappingProxyType(make_headers(proxy_basic_auth=password)))
