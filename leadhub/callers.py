"""Who calls: the address of a request, and the network that counts as one caller."""

import ipaddress

from flask import has_request_context, request

IPV6_HOME = 64  # bits: what a provider gives one customer at least (RFC 6177), so its addresses are one caller


def caller() -> str:
    """The address as ``security.BehindProxy`` believes it; empty outside a request."""
    return (request.remote_addr or "")[:64] if has_request_context() else ""


def caller_network() -> str:
    """What tries are counted by: an IPv4 address, or the /64 of an IPv6 one."""
    text = caller()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, IPV6_HOME), strict=False))
    return str(address)
