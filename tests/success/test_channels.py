"""Which URLs may an alert go to, and where may a connection lead, whatever the URL says?"""

from __future__ import annotations

import socket
import threading

import pytest

from churnmodel.errors import DeliveryError, SettingsError
from churnmodel.settings import settings_from
from churnmodel.settings.alerts import ChannelSettings
from churnmodel.success.channels import opened, refuse_unsafe, url_of
from churnmodel.success.peer import PeerRefusedError, guarded, is_public

HOSTILE = (
    "http://example.com/hook",
    "json://example.com/hook",
    "mailto://user:secret@example.com",
    "file:///etc/passwd",
    "ftp://example.com/hook",
    "gopher://example.com:25/x",
    "dbus://",
    "syslog://localhost",
    "xmls://example.com/hook",
    "javascript:alert(1)",
    "//example.com/hook",
    "",
    "jsons://127.0.0.1/hook",
    "jsons://localhost/hook",
    "jsons://localhost./hook",
    "jsons://10.0.0.7:8443/hook",
    "jsons://192.168.1.1/hook",
    "jsons://172.16.0.1/hook",
    "jsons://169.254.169.254/latest/meta-data/",
    "jsons://[::1]/hook",
    "jsons://[::ffff:10.0.0.1]/hook",
    "jsons://[fd00::1]/hook",
    "jsons://[fe80::1%25eth0]/hook",
    "jsons://2130706433/hook",
    "jsons://0x7f000001/hook",
    "jsons://0177.0.0.1/hook",
    "jsons://127.1/hook",
    "jsons://0/hook",
    "jsons://user:pass@example.com@127.0.0.1/hook",
    "jsons://example.com\\@127.0.0.1/hook",
    "jsons://metadata.google.internal/computeMetadata/v1/",
    "jsons://intranet/hook",
    "jsons://printer.local/hook",
    "jsons://example.com/hook?verify=no",
    "jsons://example.com/hook?Redirect=yes",
    "jsons://exam ple.com/hook",
    "jsons://example.com/hook\r\nHost: evil",
    "jsons://exämple.com/hook",
    "jsons://example.com:99999/hook",
    "mailtos://user:pass@example.com?smtp=127.0.0.1",
    "mailtos://user:pass@example.com?mode=insecure",
    "workflows://192.168.0.5/workflow/signature/",
)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused_before_anything_connects_and_is_never_repeated(url):
    with pytest.raises(DeliveryError) as told:
        refuse_unsafe("team", url)
    assert "'team'" in str(told.value)
    for part in ("secret", "pass", "/hook", "meta-data", "evil"):
        assert part not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "jsons://hooks.example.com:8443/churn",
        "mailtos://user:pass@example.com?to=team@example.com",
        "workflows://prod-161.westeurope.logic.azure.com:443/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu/",
    ],
)
def test_the_channels_a_team_has_are_taken_and_follow_no_redirect(url):
    pytest.importorskip("apprise")
    refuse_unsafe("team", url)
    assert opened("team", url).redirects is False


def test_what_apprise_knows_as_another_service_is_refused():
    pytest.importorskip("apprise")
    for url in ("https://example.com/hook", "https://ntfy.sh/topic"):
        with pytest.raises(DeliveryError, match="cannot read its URL, or knows it as another"):
            opened("team", url)


def test_a_token_comes_from_the_environment_and_stands_in_no_error_and_no_print():
    channel = ChannelSettings(url="slack://${TOKEN}/x")
    assert url_of("team", channel, {"TOKEN": "t0k"}) == "slack://t0k/x"
    with pytest.raises(DeliveryError, match="wants TOKEN in the environment"):
        url_of("team", channel, {})
    assert "TOKEN" not in repr(channel)
    raw = {"project": {"data_until": "2026-01-01"}, "alerts": {"channels": {"team": {"url": ["s3cret"]}}}}
    with pytest.raises(SettingsError) as told:
        settings_from(raw, base=__import__("pathlib").Path())
    assert "s3cret" not in str(told.value)


PRIVATE = ("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.31.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
           "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1",
           "255.255.255.255", "::", "localhost", "")  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_inside_a_network_is_public(address):
    assert not is_public(address)


def test_an_address_on_the_internet_is_public():
    public = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e")
    assert all(is_public(address) for address in public)


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_connection_is_checked_where_it_leads_and_not_by_the_name_it_had(listening, monkeypatch):
    """As a name that answers otherwise the second time it is asked would: the connection itself is refused."""
    plain = socket.getaddrinfo
    lying = lambda host, *more, **named: plain("127.0.0.1" if host == "good.example.com" else host, *more, **named)  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", lying)
    with guarded() as guard, pytest.raises(PeerRefusedError):
        socket.create_connection(("good.example.com", listening), timeout=2)
    assert guard.refused == ["127.0.0.1 is no address on the public internet"]


def test_a_host_that_the_settings_name_may_be_reached_and_only_by_that_name(listening):
    with guarded(["localhost"]):
        socket.create_connection(("localhost", listening), timeout=2).close()
        for kind, place in ((socket.AF_UNIX, "/nowhere"), (socket.AF_INET, ("10.0.0.1", 443))):
            with pytest.raises(PeerRefusedError):
                socket.socket(kind).connect(place)
        with pytest.raises(PeerRefusedError):
            socket.create_connection(("127.0.0.1", listening), timeout=2)
    socket.create_connection(("127.0.0.1", listening), timeout=2).close()  # no guard stands any more


def test_a_guard_stands_in_every_thread(listening):
    told = []

    def connect():
        try:
            socket.create_connection(("127.0.0.1", listening), timeout=2).close()
        except PeerRefusedError as refusal:
            told.append(refusal)

    with guarded():
        thread = threading.Thread(target=connect)
        thread.start()
        thread.join()
    assert len(told) == 1
