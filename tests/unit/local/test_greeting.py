import shlex

from deploy.local.greeting import client


def test_a_client_is_told_as_a_shell_takes_it_in() -> None:
    known = {"client_id": "kz.sapar-demo.api", "client_secret": "it's $(secret)"}
    node = {"clients": {"kz.sapar-demo": known}, "token_endpoint": "http://idp/token", "api": "http://edge/v1"}

    words = [shlex.split(line) for line in client(node, "kz.sapar-demo").splitlines()]

    assert words == [
        ["export", "CLIENT_ID=kz.sapar-demo.api"],
        ["export", "CLIENT_SECRET=it's $(secret)"],
        ["export", "TOKEN_ENDPOINT=http://idp/token"],
        ["export", "API=http://edge/v1"],
    ]
