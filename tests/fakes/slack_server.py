"""An incoming webhook on loopback that behaves like Slack's."""

import json

from tests.fakes.scripted_http import Answer, Received, ScriptedHttp

PATH = "/services/T000/B000/secretsecretsecret"
RATE_LIMITED = Answer(429, "rate_limited", (("Retry-After", "1"),))


class SlackServer(ScriptedHttp):
    """Takes what Slack takes: JSON with text and at most 50 blocks, at the one secret path."""

    @property
    def webhook(self) -> str:
        """The address that a secret holds."""
        return self.url + PATH

    def answer_to(self, request: Received) -> Answer:
        if request.path != PATH:
            return Answer(404, "no_service")
        try:
            payload = json.loads(request.body)
        except ValueError:
            return Answer(400, "invalid_payload")
        blocks = payload.get("blocks", [])
        if not payload.get("text") or len(blocks) > 50:
            return Answer(400, "no_text")
        if any(not 0 < len(block["text"]["text"]) <= 3000 for block in blocks):
            return Answer(400, "invalid_blocks")
        return Answer(200, "ok")

    def texts(self) -> list[str]:
        """The lines that phones showed."""
        return [json.loads(request.body)["text"] for request in self.received]
