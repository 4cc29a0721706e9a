"""The connection pool of each source: TLS, client certificates and proxies, alike for all three."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.util import make_headers

from readiness_kit.collect.http.certificates import is_loopback, is_near
from readiness_kit.errors import ConfigError


def make_pool(
    server: str,
    *,
    ca_file: str = "",
    client_cert: str = "",
    client_key: str = "",
    server_name: str = "",
    verify: bool = True,
    proxy: str = "",
    connections: int = 4,
) -> urllib3.PoolManager:
    """A pool for `server`, the address as scheme://host:port.

    ca_file:     certificate authorities in PEM form, in place of the system's
    client_cert: a client certificate and, in `client_key`, its key, as files
    server_name: the name that the certificate must have, where it is not that of the address
    verify:      False accepts any certificate
    proxy:       the proxy of the kubeconfig; empty for that of the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).
                 None is used for this machine, nor for plain HTTP to a Service: it could read the credentials

    A user and password in the address of a proxy are sent to it as Proxy-Authorization. Raises ConfigError for a proxy
    that is neither an HTTP nor a SOCKS5 proxy.
    """
    settings: dict[str, Any] = {"maxsize": connections}
    if server.startswith("https:"):
        settings |= {"cert_reqs": "CERT_REQUIRED" if verify else "CERT_NONE", "ca_certs": ca_file or None}
        settings |= {"cert_file": client_cert or None, "key_file": client_key or None}
        settings |= {"server_hostname": server_name} if server_name else {}
        if not verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    # Newer versions of the `kubernetes` client fill in the environment's proxy by rules of their own.
    if not proxy or proxy in getproxies().values():
        proxy = _environment_proxy(server)
    if is_loopback(server) or (server.startswith("http:") and is_near(server)):
        proxy = ""
    if not proxy:
        return urllib3.PoolManager(**settings)
    return _through(proxy, server, settings)


def _through(proxy: str, server: str, settings: dict[str, Any]) -> urllib3.PoolManager:
    parts = urlsplit(proxy)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # Without credentials, which could otherwise appear in a message.
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if parts.scheme in ("http", "https"):
        headers = make_headers(proxy_basic_auth=f"{user}:{password}") if user else None
        return urllib3.ProxyManager(address, proxy_headers=headers, **settings)
    if parts.scheme in ("socks5", "socks5h"):
        from urllib3.contrib.socks import SOCKSProxyManager

        # As kubectl, the proxy resolves the name of the server.
        address = f"socks5h://{address.partition('://')[2]}"
        return SOCKSProxyManager(address, username=user or None, password=password or None, **settings)
    raise ConfigError(
        f"the proxy for {urlsplit(server).hostname} is neither an HTTP nor a SOCKS5 proxy",
        "set an http:// or socks5:// proxy, or use `kubectl port-forward`",
    )


def _environment_proxy(server: str) -> str:
    parts = urlsplit(server)
    if proxy_bypass(parts.netloc):
        return ""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"
