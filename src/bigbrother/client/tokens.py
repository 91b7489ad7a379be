"""Credentials of the service, as the client sees them."""

from collections.abc import Iterator

from bigbrother.client.gallery import iterate
from bigbrother.client.results import NewToken, Token
from bigbrother.client.transport import Request, Transport, path_of


class Tokens:
    """Bearer tokens; only an admin's token may manage them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, name: str, role: str, *, expires_in: str | None = None) -> NewToken:
        """Makes a token; its secret is in this answer and nowhere else.

        `role` is admin, writer or reader; `expires_in` a span such as '30 days'. Never repeated:
        the service keeps no secret that it could answer with again. Should the answer be lost,
        revoke the token and make another.
        """
        body = {"name": name, "role": role}
        if expires_in is not None:
            body["expires_in"] = expires_in
        return self._transport.answer(
            Request("POST", path_of("tokens"), repeatable=False, json=body), NewToken
        )

    def list(self, *, page_size: int | None = None) -> Iterator[Token]:
        """Every token without its secret, revoked and expired ones too."""
        return iterate(self._transport, path_of("tokens"), Token, page_size=page_size)

    def revoke(self, token_id: str) -> None:
        """Makes a token worthless at once."""
        self._transport.send(Request("DELETE", path_of("tokens", token_id), repeatable=False))
