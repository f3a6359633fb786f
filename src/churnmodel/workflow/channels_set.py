"""Where may a scheduled run send to, and what has no channel?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from churnmodel.errors import DeliveryError
from churnmodel.workflow.alerts_sent import channel_urls
from churnmodel.workflow.plays_begun import plays_channel
from churnmodel.workflow.project import Project


@dataclass(frozen=True)
class ChannelsSet:
    """What the settings name.

    Parameters
    ----------
    urls
        Channel -> URL, of both kinds.
    alerts, plays
        Whether there is a channel for alerts, and one for plays.
    """

    urls: dict[str, str] = field(repr=False)
    alerts: bool
    plays: bool

    @property
    def without(self) -> str:
        """What is not sent for want of a channel, in one line; empty where all is."""
        if not self.alerts:
            return "no alert is kept or sent: the settings name no [alerts.channels.NAME]"
        return "" if self.plays else "no play is posted: the settings name no [plays.channel]"


def channels_set(project: Project, environment: Mapping[str, str]) -> ChannelsSet:
    """The channels for alerts and for plays; either is enough.

    Raises
    ------
    DeliveryError
        There is neither, one lacks a variable of the environment, or one is not safe.
    """
    alerts, plays = bool(project.settings.alerts.channels), project.settings.plays.channel is not None
    if not (alerts or plays):
        raise DeliveryError(
            "--send: the settings name no channel. Add [alerts.channels.NAME] with url = 'slack://${SLACK}', say, "
            "or [plays.channel] with the webhook of the tool that knows the addresses."
        )
    urls = channel_urls(project, environment) if alerts else {}
    return ChannelsSet(urls | (plays_channel(project, environment) if plays else {}), alerts, plays)
