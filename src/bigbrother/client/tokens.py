"""Credentials of the service, as the client sees them."""

from bigbrother.client.request import Request, json_body, path_of
from bigbrother.client.resource import Method, Mode, Resource, Streaming
from bigbrother.client.results import NewToken, Token
from bigbrother.client.steps import Call, Stream


class Tokens(Resource[Mode]):
    """Bearer tokens; only an admin's token may manage them."""

    @Method
    def create(self, name: str, role: str, *, expires_in: str | None = None) -> Call[NewToken]:
        """Makes a token; its secret is in this answer and nowhere else.

        `role` is admin, writer or reader; `expires_in` a span such as '30 days'. Never repeated:
        the service keeps no secret that it could answer with again. Should the answer be lost,
        revoke the token and make another.
        """
        body = {"name": name, "role": role}
        if expires_in is not None:
            body["expires_in"] = expires_in
        return self._service.answer(
            Request("POST", path_of("tokens"), repeatable=False, body=json_body(body)), NewToken
        )

    @Streaming
    def list(self, *, page_size: int | None = None) -> Stream[Token]:
        """Every token without its secret, revoked and expired ones too."""
        return self._service.pages(path_of("tokens"), Token, page_size=page_size)

    @Method
    def revoke(self, token_id: str) -> Call[None]:
        """Makes a token worthless at once."""
        return self._service.done(Request("DELETE", path_of("tokens", token_id), repeatable=False))
