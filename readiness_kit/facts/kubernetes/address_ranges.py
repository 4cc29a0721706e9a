"""Address ranges: whether an address is private, and whether ranges together are as good as the whole internet."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network
from typing import Any

from readiness_kit.kinds.network import IPBlock

Network = IPv4Network | IPv6Network

# `ipaddress.is_private` includes documentation ranges (203.0.113.0/24), so the unroutable ranges are listed here.
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)
_WORLD: dict[int, Network] = {4: ip_network("0.0.0.0/0"), 6: ip_network("2000::/3")}
"""IP version -> the addresses of the internet (IPv6: all global unicast addresses)."""
_HALF = 0.5
"""Ranges that admit more than this share of the internet do not count as a limit, such as all but `10.0.0.0/8`."""


def private(address: str) -> bool | None:
    """Whether an address is unreachable from the internet; None for a host name."""
    try:
        number = ip_address(address)
    except ValueError:
        return None
    return any(number.version == network.version and number in network for network in _PRIVATE)


def is_world(blocks: Iterable[IPBlock]) -> bool:
    """Whether ranges, less their exceptions, together cover more than half of the internet, in IPv4 or in IPv6."""
    networks = [network for block in blocks for network in _remaining(block)]
    return any(_share(networks, version) > _HALF for version in (4, 6))


def admits_addresses(block: IPBlock) -> bool:
    """Whether a range admits any address: its exceptions may take away everything again."""
    return bool(_remaining(block))


def texts_are_world(ranges: Iterable[str]) -> bool:
    """The same for ranges as text; a range that cannot be read is ignored."""
    return is_world(IPBlock(cidr=text) for text in ranges)


def _remaining(block: IPBlock) -> list[Network]:
    network = _network(block.cidr)
    left: list[Any] = [] if network is None else [network]
    for text in block.except_:
        hole = _network(text)
        if hole is not None:
            left = [part for whole in left for part in _without(whole, hole)]
    return left


def _without(whole: Any, hole: Any) -> list[Any]:
    if whole.version != hole.version or not whole.overlaps(hole):
        return [whole]
    if whole.subnet_of(hole):
        return []
    return list(whole.address_exclude(hole))


def _network(text: str) -> Network | None:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _share(networks: Iterable[Any], version: int) -> float:
    """The share of the internet that networks of one IP version cover, from 0 to 1."""
    world: Any = _WORLD[version]
    inside = []
    for network in networks:
        if network.version == version and network.overlaps(world):
            inside.append(world if world.subnet_of(network) else network)
    return float(sum(network.num_addresses for network in collapse_addresses(inside)) / world.num_addresses)
