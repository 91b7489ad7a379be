"""A messaging interface on loopback that behaves like Twilio's."""

import base64
from urllib.parse import parse_qs

from tests.fakes.scripted_http import Answer, Received, ScriptedHttp, as_json

ACCOUNT, TOKEN = "AC0123456789", "token-of-the-account"


class TwilioServer(ScriptedHttp):
    """Takes a form with To, From and Body under basic authentication."""

    def answer_to(self, request: Received) -> Answer:
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {login}":
            return Answer(401, as_json({"code": 20003, "message": "Authenticate"}))
        if request.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return Answer(404, as_json({"code": 20404}))
        form = parse_qs(request.body.decode())
        if not {"To", "From", "Body"} <= set(form) or len(form["Body"][0]) > 1600:
            return Answer(400, as_json({"code": 21602}))
        return Answer(201, as_json({"sid": "SM1", "status": "queued"}))

    def bodies(self) -> list[str]:
        """The texts."""
        return [parse_qs(request.body.decode())["Body"][0] for request in self.received]
