"""Messages on their way, over real sockets: what goes wrong comes first."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from bigbrother.adapters.clock import SystemClock
from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.outbox import queue
from bigbrother.operations.alerts.outbox.messages import Content, ToldAlert
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from tests.fakes import told
from tests.fakes.scripted_http import Answer
from tests.fakes.slack_server import RATE_LIMITED, SlackServer
from tests.fakes.twilio_server import ACCOUNT, TOKEN, TwilioServer
from tests.integration.operations.alerts.sending import QUICK, sending
from tests.waiting import until

NUMBER = "+5511999990000"
CLOCK = SystemClock()


def two_channels(folder: Path, slack: SlackServer, twilio: TwilioServer) -> tuple[Runbook, Path]:
    """Slack and SMS, both enabled, and the folder of their secrets."""
    told.secret(folder, "slack", slack.webhook)
    secrets = told.secret(folder, "sms", TOKEN)
    sms = {"url": twilio.url, "account": ACCOUNT, "sender": "+15550001111", "numbers": [NUMBER]}
    channels = {"slack": {"enabled": True}, "sms": {"enabled": True, **sms}}
    return told.document(folder, {"channels": channels, "delivery": QUICK}), secrets


def test_a_channel_that_hangs_delays_no_other(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.always = "hang"
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            hanging = [told.message("slack", key=f"s{number}") for number in range(20)]
            running.outbox.queue(hanging, told.NOW)
            until(lambda: len(slack.received) == 4)
            begun = CLOCK.monotonic_seconds()
            running.outbox.queue([told.message("sms", NUMBER)], told.NOW)
            running.wait_for(1)
            assert CLOCK.monotonic_seconds() - begun < 0.4
            assert running.ended[0].message.channel == "sms"
            assert running.ended[0].ok


def test_messages_that_hang_leave_room_for_others_of_their_channel(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.script.extend(["hang"] * 3)
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            hanging = [told.message("slack", key=f"s{number}") for number in range(3)]
            running.outbox.queue(hanging, told.NOW)
            until(lambda: len(slack.received) == 3)
            begun = CLOCK.monotonic_seconds()
            running.outbox.queue([told.message("slack", key="other")], told.NOW)
            running.wait_for(1)
            assert running.ended[0].message.key == "other"
            assert CLOCK.monotonic_seconds() - begun < 0.4


def test_a_server_that_dribbles_is_cut_off_after_the_time_of_one_call(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.script.append("dribble")
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            running.outbox.queue([told.message("slack")], told.NOW)
            until(lambda: "No answer within 0.5 s." in running.message().answer)
            running.wait_for(1)
            assert running.ended[0].ok


def test_an_answer_that_never_ends_is_cut_off_and_its_status_counts(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.script.append("dribble-body")
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            running.outbox.queue([told.message("slack")], told.NOW)
            running.wait_for(1)
            assert running.ended[0].ok
            assert len(slack.received) == 1


def test_errors_and_broken_connections_are_tried_again_under_the_same_key(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        twilio.script.extend([Answer(500, "oops"), "drop", Answer(503)])
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            running.outbox.queue([told.message("sms", NUMBER)], told.NOW)
            running.wait_for(1)
            assert running.message().state == "sent"
            assert running.message().attempts == 4
            assert len({request.headers["Idempotency-Key"] for request in twilio.received}) == 1
            assert len({request.body for request in twilio.received}) == 1
            assert running.found[-1].status is Status.PASSED


def test_a_rate_limit_holds_for_the_whole_channel(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.script.append(RATE_LIMITED)
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            running.outbox.queue([told.message("slack", key="first")], told.NOW)
            until(lambda: "429" in running.message().answer)
            limited = CLOCK.monotonic_seconds()
            more = [
                told.message("slack", key=f"{number}", alerts=(told.SLOW,)) for number in range(3)
            ]
            running.outbox.queue(more, told.NOW)
            running.wait_for(4)
            assert CLOCK.monotonic_seconds() - limited > 0.8
            assert len(slack.received) == 5
            assert all(end.ok for end in running.ended)


def test_a_refusal_is_not_tried_again_and_is_an_alert_of_its_own(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.always = Answer(403, f"action_prohibited {slack.webhook}")
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            running.outbox.queue([told.message("slack")], told.NOW)
            running.wait_for(1)
            assert len(slack.received) == 1
            (finding,) = [each for each in running.found if each.labels["channel"] == "slack"]
            assert finding.status is Status.FAILED
            assert finding.alert == "channel_failing"
            assert "403 action_prohibited" in finding.summary
            assert "secretsecret" not in finding.summary + running.message().answer


def test_a_page_has_failed_once_all_its_channels_gave_up(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.always, twilio.always = Answer(404), "drop"
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            lost = [told.message("slack"), told.message("sms", NUMBER)]
            running.outbox.queue(lost, told.NOW)
            running.wait_for(1)
            assert running.outbox.failed_pages() == {}
            running.wait_for(2)
            last = max(end.at for end in running.ended)
            assert set(running.outbox.failed_pages()) == {"page-1"}
            failed_at = running.outbox.failed_pages()["page-1"]
            assert abs(failed_at - last) < timedelta(milliseconds=1)
            assert len(twilio.received) == 5

            slack.always = None
            half = [told.message("slack", key="x", page_key="page-2")]
            half.append(told.message("sms", NUMBER, key="y", page_key="page-2"))
            running.outbox.queue(half, told.NOW)
            running.wait_for(4)
            assert set(running.outbox.failed_pages()) == {"page-1"}


def test_a_missing_secret_fails_at_once_with_its_remedy(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        (secrets / "slack").unlink()
        with sending(tmp_path, runbook, secrets) as running:
            running.outbox.queue([told.message("slack")], told.NOW)
            running.wait_for(1)
            assert not running.ended[0].ok
            assert "The secret 'slack' is missing" in running.ended[0].answer
            assert "mode 0600" in running.ended[0].answer


def test_the_message_about_a_failing_channel_is_tried_once_over_itself(tmp_path: Path) -> None:
    own = ToldAlert("own", "channel_failing", "high", "slack fails", labels={"channel": "slack"})
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.always = Answer(500)
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            running.outbox.queue([told.message("slack", alerts=(own,))], told.NOW)
            running.wait_for(1)
            assert len(slack.received) == 1
            assert [each for each in running.found if each.labels["channel"] == "slack"] == []


def test_hostile_alert_text_is_sent_clean_and_short(tmp_path: Path) -> None:
    nasty = ToldAlert(
        id="x\r\nid",
        name="made by others",
        severity="critical",
        summary="<!channel> \x1b[31m\r\nBcc: all@x\u202egnp.exe {{ 7 * 7 }} " + "ا" * 1_000_000,
        remedy="<script>alert(1)</script>\u2028" * 100_000,
        labels={f"l{number}\n": "v\0" * 1000 for number in range(1000)},
        value=float("inf"),
        unit="parsecs\n",
        fired_at=told.NOW,
    )
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets) as running:
            alerts = (nasty,) * 1000
            messages = [told.message("slack", alerts=alerts)]
            messages.append(told.message("sms", NUMBER, alerts=alerts))
            messages.append(told.message("console", alerts=alerts))
            running.outbox.queue(messages, told.NOW)
            running.wait_for(3)
            assert [end.answer for end in running.ended if not end.ok] == []
            body = slack.received[0].body.decode()
            assert "<!channel>" not in body
            assert "\\u001b" not in body
            assert "\u202e" not in body
            assert "{{ 7 * 7 }}" in body
            assert "and 999 more" in slack.texts()[0]
            assert len(twilio.bodies()[0]) <= 320
            assert len(messages[0].bounded(runbook.alert_config).content.to_json()) < 1_000_000


def test_what_is_queued_twice_is_sent_once_and_pages_go_first(tmp_path: Path) -> None:
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        store = Store(tmp_path / "ops.db")
        light, grave = told.SLOW, told.DOWN
        waiting = [
            told.message("slack", key="over", kind="resolved", alerts=(grave,)),
            told.message("slack", key="all", kind="broadcast", alerts=(grave,)),
            told.message("slack", key="light", alerts=(light,)),
            told.message("slack", key="grave", alerts=(grave,)),
        ]
        assert store.write(lambda conn: queue.add(conn, waiting, told.NOW)) == 4
        assert store.write(lambda conn: queue.add(conn, waiting, told.NOW)) == 0
        taken = [
            message.key
            for _ in waiting
            if (message := store.write(lambda conn: queue.claim(conn, "slack", told.NOW)))
        ]
        assert taken == ["grave", "light", "all", "over"]
        store.close()
        with sending(tmp_path, runbook, secrets) as running:
            # A watcher that died while it sent them: all are sent.
            running.wait_for(4)
            assert Counter(slack.texts())["CRITICAL bigbrother-face is down"] == 2


def test_a_message_comes_back_from_the_file_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "ops.db")
    made = told.message("slack", kind="resolved", alerts=(told.DOWN, told.SLOW))
    store.write(lambda conn: queue.add(conn, [made], told.NOW))
    (kept,) = store.read(lambda conn: queue.of_alert(conn, told.SLOW.id))
    assert kept.content == made.content
    assert Content.from_json(made.content.to_json()) == made.content
    assert (kept.key, kept.alert_ids, kept.due_at) == (made.key, made.alert_ids, made.due_at)


def test_ended_messages_are_forgotten_after_their_time_and_others_stay(tmp_path: Path) -> None:
    with sending(tmp_path, load_runbook()) as running:
        later = told.message("console", key="later", due_at=CLOCK.now() + timedelta(hours=1))
        running.outbox.queue([told.message("console"), later], told.NOW)
        running.wait_for(1)
        at = running.ended[0].at
        assert running.store.write(lambda conn: queue.purge(conn, at - timedelta(seconds=1))) == 0
        assert running.store.write(lambda conn: queue.purge(conn, at + timedelta(seconds=1))) == 1
        assert running.message().key == "later"


def test_a_watcher_at_rest_keeps_one_thread_for_its_messages(tmp_path: Path) -> None:
    with sending(tmp_path, load_runbook()) as running:
        before = threading.active_count()
        running.outbox.queue([told.message("console", key=f"{n}") for n in range(50)], told.NOW)
        running.wait_for(50)
        until(lambda: threading.active_count() == before)
        assert all(end.ok for end in running.ended)


class SetBack(SystemClock):
    """The machine's clock, which somebody sets back by an hour."""

    back = timedelta(0)

    def now(self) -> datetime:
        return super().now() - self.back


def test_a_clock_that_is_set_back_keeps_no_message_waiting(tmp_path: Path) -> None:
    clock = SetBack()
    with SlackServer().running() as slack, TwilioServer().running() as twilio:
        slack.always = Answer(500)
        runbook, secrets = two_channels(tmp_path, slack, twilio)
        with sending(tmp_path, runbook, secrets, clock) as running:
            running.outbox.queue([told.message("slack")], told.NOW)
            until(lambda: len(slack.received) >= 1)
            clock.back = timedelta(hours=1)
            running.wait_for(1)
            assert len(slack.received) == 5


def test_a_channel_that_left_the_document_fails_without_an_alert(tmp_path: Path) -> None:
    with sending(tmp_path, load_runbook()) as running:
        running.outbox.queue([told.message("pigeon", "loft")], told.NOW)
        running.wait_for(1)
        assert "no enabled channel 'pigeon'" in running.ended[0].answer
        assert [each for each in running.found if each.status is not Status.PASSED] == []
