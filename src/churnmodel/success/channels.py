"""Where may a message go? (an Apprise URL out of the settings, over TLS, never redirected)

`opened` refuses what a URL alone can tell; where it really leads is checked when it connects
(`churnmodel.success.peer`). No error and no log holds a URL: tokens are in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from churnmodel.errors import DeliveryError
from churnmodel.settings.alerts import ChannelSettings
from churnmodel.settings.plays import PlayChannelSettings

OWN_HOST = ("jsons", "workflow", "workflows", "mailtos")
FIXED_HOST = ("slack", "discord", "gchat")
SCHEMES = (*FIXED_HOST, *OWN_HOST, "https")
"""All over TLS. ``https://`` is for what Slack, Teams, Discord or Google give you to copy; a webhook is
``jsons``."""
_UNSAFE = {"verify", "redirect", "mode=insecure"}
"""Arguments by which a URL could switch off a check."""
_SERVICES = {"NotifyJSON", "NotifySlack", "NotifyWorkflows", "NotifyEmail", "NotifyDiscord", "NotifyGoogleChat"}
_NUMBER = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)


def url_of(
    name: str, channel: ChannelSettings | PlayChannelSettings, environment: Mapping[str, str]
) -> str:
    """The channel's URL with ``${NAME}`` taken from the environment (DeliveryError where it is not there)."""
    missing: list[str] = []

    def put_in(found: re.Match[str]) -> str:
        if not environment.get(found[1]):
            missing.append(found[1])
        return environment.get(found[1], "")

    url = re.sub(r"\$\{(\w+)\}", put_in, channel.url.get_secret_value())
    if missing:
        raise DeliveryError(f"channel {name!r} wants {missing[0]} in the environment, and it is not set. Set it.")
    return url


def refuse_unsafe(name: str, url: str, allow_hosts: Sequence[str] = ()) -> None:
    """Refuse a URL that is not over TLS, leads into the network, or switches off a check (DeliveryError)."""

    def refusal(why: str) -> DeliveryError:
        return DeliveryError(f"channel {name!r}: {why}")

    if not url.isascii() or not url.isprintable() or any(c in url for c in " \\\"'<>`"):
        raise refusal("its URL holds a character that no URL has. Percent-encode it.")
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as cause:
        raise refusal("its URL cannot be read. Correct it.") from cause
    if parts.scheme.lower() not in SCHEMES:
        raise refusal(f"wanted a URL that begins with one of {', '.join(s + '://' for s in SCHEMES)}.")
    given = [(key.lower(), value.lower()) for key, value in parse_qsl(parts.query, keep_blank_values=True)]
    unsafe = sorted(_UNSAFE & {word for key, value in given for word in (key, f"{key}={value}")})
    if unsafe:
        raise refusal(f"its URL sets {unsafe[0]!r}, which is not for it to say. Take it out.")
    if parts.scheme.lower() in FIXED_HOST:
        return
    for one in (host, *(value for key, value in given if key == "smtp")):
        _refuse_inside(one.lower(), refusal, allow_hosts)


def _refuse_inside(host: str, refusal: Any, allow_hosts: Sequence[str]) -> None:
    if host in {h.lower() for h in allow_hosts}:
        return
    # 127.1, 0x7f000001 and 2130706433 are addresses too; no name on the internet ends in a number
    numeric = bool(_NUMBER.fullmatch(host)) and host.split(".")[-1][:1].isdigit()
    if not host or (":" in host or numeric):
        raise refusal("wanted a host by its name, got an address or none; or allow it in alerts.allow_hosts.")
    if "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan", ".home.arpa",
    ".localdomain")):
        raise refusal("its host is of an inner network. Allow it in alerts.allow_hosts, if that is meant.")


def opened(name: str, url: str, allow_hosts: Sequence[str] = ()) -> Any:
    """The channel as Apprise's own object, which follows no redirects.

    Raises
    ------
    DeliveryError
        It may not be used, cannot be read by Apprise, or Apprise is not installed.
    """
    refuse_unsafe(name, url, allow_hosts)
    try:
        from apprise import Apprise, AppriseAsset
    except ModuleNotFoundError as cause:
        raise DeliveryError("sending wants Apprise. pip install 'churnmodel[alerts]'") from cause
    asset = AppriseAsset(
        app_id="churnmodel", app_desc="churnmodel", app_url="", async_mode=False, http_redirects=False,
        image_url_mask="", image_url_logo="", plugin_paths=[],
    )  # fmt: skip
    found = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    service = "" if found is None else type(found).__name__
    if service not in _SERVICES:
        raise DeliveryError(f"channel {name!r}: Apprise cannot read its URL, or knows it as another service's.")
    if service in ("NotifyJSON", "NotifyEmail") and not found.secure:  # the others know no other way than TLS
        raise DeliveryError(f"channel {name!r}: wanted a URL over TLS. Use jsons:// or mailtos://.")
    found.redirects = False
    return found
