"""Runs of a running installation: the watcher drives them, programs and people follow them."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bigbrother.operations.alerts.links import LinkKey, make
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.guards import Ground
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.wiring import system_clock
from tests.scenarios.place import Place
from tests.waiting import until

RUNBOOK = load_runbook()


@pytest.fixture(scope="module")
def finished(installation: Place) -> str:
    """A run of the watcher's that has ended; its id."""
    done = installation.cli("run", "optimization", "--yes", "-o", "json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["id"])


@pytest.fixture
def asking(installation: Place) -> tuple[str, str]:
    """A run whose first step waits for approval: its id, and the path of its page."""
    clock = system_clock()
    store = Store(installation.home / "data" / "ops" / "ops.db")
    run_id = f"scenario-{clock.now():%H%M%S%f}"
    try:
        ground = Ground(RUNBOOK, ACTIONS, lambda: 10**12)
        asked = Asking(run_id, "scenario", "<b>because</b>")
        start(store, gated(find("optimization", RUNBOOK)), {}, asked, ground, clock.now())
    finally:
        store.close()
    key = LinkKey.of(installation.home / "data" / "ops" / "links.key")
    ends = clock.now() + timedelta(minutes=5)
    page = f"/runs/{make(run_id, 'ana', 'run:0', ends, key)}"
    until(lambda: b"<form" in get(installation, page)[1])
    return run_id, page


def gated(procedure: Procedure) -> Procedure:
    first, *others = procedure.steps
    return replace(procedure, steps=(replace(first, approval=True), *others))


def ask(
    place: Place, method: str, path: str, headers: Mapping[str, str] | None = None
) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", place.port + 10, timeout=20)
    line.request(method, path, headers=dict(headers or {}))
    return line.getresponse()


def get(place: Place, path: str) -> tuple[int, bytes]:
    answer = ask(place, "GET", path)
    return answer.status, answer.read()


def bearer(place: Place) -> dict[str, str]:
    token = (place.home / "etc" / "ops.token").read_text().strip()
    return {"Authorization": f"Bearer {token}"}


def streamed(answer: http.client.HTTPResponse) -> list[tuple[int, str]]:
    """Id and kind of each event; 0 for the last, which has none."""
    found = []
    for block in answer.read().decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if "event" in fields:
            found.append((int(fields.get("id", 0)), fields["event"]))
    return found


def test_a_run_is_listed_and_shown_to_programs_with_the_token_alone(
    installation: Place, finished: str
) -> None:
    listed = json.load(ask(installation, "GET", "/api/v1/runs?limit=5", bearer(installation)))
    assert finished in [run["id"] for run in listed["items"]]
    path = f"/api/v1/runs/{finished}"
    shown = json.load(ask(installation, "GET", path, bearer(installation)))
    assert [attempt["step"] for attempt in shown["attempts"]] == shown["steps"]
    for wrong, status in (
        ("/api/v1/runs?limit=0", 400),
        ("/api/v1/runs?limit=x", 400),
        ("/api/v1/runs/nobody", 404),
        ("/api/v1/runs/nobody/events", 404),
    ):
        assert ask(installation, "GET", wrong, bearer(installation)).status == status
    for closed in ("/api/v1/runs", path, f"{path}/events"):
        assert ask(installation, "GET", closed).status == 401


def test_events_are_streamed_to_the_end_and_resume_where_they_broke_off(
    installation: Place, finished: str
) -> None:
    path = f"/api/v1/runs/{finished}/events"
    answer = ask(installation, "GET", path, bearer(installation))
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = streamed(answer)
    assert events[-2:] == [(events[-2][0], "run.succeeded"), (0, "run.over")]
    middle = events[len(events) // 2][0]
    resumed = bearer(installation) | {"Last-Event-ID": str(middle)}
    later = [event for event in events if event[0] > middle or event[0] == 0]
    assert streamed(ask(installation, "GET", path, resumed)) == later
    for beyond in ("9" * 30, str(events[-2][0])):
        all_known = bearer(installation) | {"Last-Event-ID": beyond}
        assert streamed(ask(installation, "GET", path, all_known)) == [(0, "run.over")]
    spoilt = bearer(installation) | {"Last-Event-ID": "x"}
    assert ask(installation, "GET", path, spoilt).status == 400


def test_events_of_a_run_that_goes_on_come_while_it_does(
    installation: Place, asking: tuple[str, str]
) -> None:
    run_id, page = asking
    path = f"/api/v1/runs/{run_id}/events"
    answer = ask(installation, "GET", path, bearer(installation))
    while answer.readline() != b"event: run.waiting\n":
        continue
    assert ask(installation, "POST", f"{page}/approve").status == 200
    kinds = [kind for _, kind in streamed(answer)]
    assert kinds[-2:] == ["run.succeeded", "run.over"]
    assert "approval.given" in kinds


def test_looking_at_a_page_decides_nothing_and_no_ends_the_run(
    installation: Place, asking: tuple[str, str]
) -> None:
    run_id, page = asking
    status, html = get(installation, page)
    assert status == 200
    assert b"&lt;b&gt;because" in html
    assert page.rpartition("/")[2].encode() + b"/approve" in html
    answer = ask(installation, "POST", f"{page}/reject")
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert b"<form" not in answer.read()
    assert ask(installation, "POST", f"{page}/approve").status == 409
    done = installation.cli("runs", "watch", run_id, "-o", "json")
    ended = json.loads(done.stdout)
    assert (ended["state"], ended["approvals"][0]["who"]) == ("rejected", "ana")
    assert done.returncode == 1


def test_another_link_opens_no_run(installation: Place, finished: str) -> None:
    key = LinkKey.of(installation.home / "data" / "ops" / "links.key")
    now = system_clock().now()
    ends = now + timedelta(minutes=5)
    for token, status in (
        (make(finished, "ana", "acknowledge", ends, key), 403),
        (make(finished, "ana", "run", ends, key), 403),
        (make(finished, "ana", "run:0", now - timedelta(seconds=1), key), 403),
        (make(finished, "ana", "run:0", ends, LinkKey(bytes(32))), 403),
        (make("gone", "ana", "run:0", ends, key), 404),
        ("x", 403),
    ):
        assert get(installation, f"/runs/{token}")[0] == status
        assert ask(installation, "POST", f"/runs/{token}/approve").status == status
