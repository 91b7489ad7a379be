"""The page behind a message's link: it asks first, since mail scanners follow links."""

from contextlib import suppress

from jinja2 import Environment, PackageLoader, select_autoescape

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.alerts.links import read
from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.response.acknowledging import alerts_of
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.watcher import Watcher


class AcknowledgePages:
    """HTML in the document's language, with its status."""

    def __init__(self, services: WatcherServices, watcher: Watcher) -> None:
        self._services = services
        self._watcher = watcher
        self._templates = Environment(
            loader=PackageLoader("bigbrother.entrypoints.ops"), autoescape=select_autoescape()
        )

    def ask(self, token: str) -> tuple[int, str]:
        """Which alerts it is about, and a button; changes nothing."""
        return self._answer(token, acknowledge=False)

    def acknowledge(self, token: str) -> tuple[int, str]:
        """Takes the alerts on; pressing twice is once."""
        return self._answer(token, acknowledge=True)

    def _answer(self, token: str, *, acknowledge: bool) -> tuple[int, str]:
        now = self._services.clock.now()
        try:
            message_key, contact, _ = read(token, self._watcher.link_key, now)
        except BigBrotherError as error:
            return 403, self._render([], contact="", done=False, refusal=error.detail)
        alerts = self._open(message_key)
        if acknowledge:
            for alert in alerts:
                # It may have ended this very moment.
                with suppress(BigBrotherError):
                    self._watcher.book.acknowledge(alert.id, contact or "link", now)
            self._watcher.changed()
            alerts = self._open(message_key)
        return 200, self._render(alerts, contact=contact, done=acknowledge, refusal="")

    def _open(self, message_key: str) -> list[Alert]:
        found = (
            self._watcher.book.find(each) for each in alerts_of(self._services.store, message_key)
        )
        return [alert for alert in found if alert is not None and alert.resolved_at is None]

    def _render(self, alerts: list[Alert], *, contact: str, done: bool, refusal: str) -> str:
        language = self._services.runbook().alert_config.language
        return self._templates.get_template(f"acknowledge.{language}.html").render(
            language=language.replace("_", "-"),
            alerts=alerts,
            contact=contact,
            done=done,
            refusal=refusal,
        )
