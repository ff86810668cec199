"""How often the same visitor, token or person may ask for what is dear: counted for all workers together.

A count belongs to who asks, to what, and to one stretch of time; it lies in the cache, which is the database or Redis.
Counting is fair rather than exact: of two at the very same moment one may go uncounted. Nothing here guards a secret.
"""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from time import time

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle


@dataclass(frozen=True)
class Rate:
    most: int
    seconds: int


# Lists and pages are kept, or read from one table: they have no limit here.
RATES = {
    "export": Rate(600, 60),
    "harvest": Rate(600, 60),
    "lookup": Rate(120, 60),
    "token": Rate(1_200, 60),
    "write": Rate(300, 60),
}
# A household or a machine has that much of IPv6.
_PREFIX = 64


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What is left of a rate, and in how many seconds it begins anew."""

    name: str
    left: int
    wait: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 has them."""
        rate = RATES[self.name]
        return {
            "RateLimit-Policy": f'"{self.name}";q={rate.most};w={rate.seconds}',
            "RateLimit": f'"{self.name}";r={self.left};t={self.wait}',
        }


class TooOften(Exception):
    """The rate is used up."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(f"{allowance.name}, for {allowance.wait} seconds")
        self.allowance = allowance


def throttle(request: HttpRequest, name: str, *, who: str = "") -> Allowance:
    """Count one more of what `name` stands for, by `who`, else by the address that asks. Raises TooOften."""
    rate = RATES[name]
    window, passed = divmod(int(time()), rate.seconds)
    key = f"throttle {name} {who or _address(request)} {window}".replace(" ", ":")
    count = 1 if cache.add(key, 1, 2 * rate.seconds) else _one_more(key, rate)
    allowance = Allowance(name=name, left=max(0, rate.most - count), wait=rate.seconds - passed)
    if count > rate.most:
        raise TooOften(allowance)
    return allowance


def _one_more(key: str, rate: Rate) -> int:
    try:
        return cache.incr(key)
    except ValueError:
        # It was thrown out in between, where the cache is full.
        cache.set(key, 1, 2 * rate.seconds)
        return 1


def _address(request: HttpRequest) -> str:
    """Who is asking, as the one trusted proxy says, if there is one."""
    text = BaseThrottle().get_ident(request) or "nowhere"  # type: ignore[arg-type]
    try:
        address = ip_address(text)
    except ValueError:
        return text[:40]
    if address.version == 6 and not address.ipv4_mapped:
        return str(ip_network((address, _PREFIX), strict=False).network_address)
    return text
