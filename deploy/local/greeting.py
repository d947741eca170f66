"""What `make run` shows once everything stands: the live crossing, the addresses, the demo logins."""

import asyncio
import shlex
import sys
from typing import Any

from deploy.local.errors import LauncherError
from deploy.local.state import State, read_json

_RULE = "─" * 96


async def welcome(state: State, *, with_demo: bool) -> None:
    if with_demo:
        from deploy.local import demo

        try:
            await asyncio.to_thread(demo.run_demo, state)
        except LauncherError as failed:  # somebody may be at work in it already: that ends no system
            print(f"\nThe live crossing was not played to its end: {failed}", file=sys.stderr)
            print("Everything runs all the same; `make demo` plays it again.", file=sys.stderr)
    print(table(read_json(state.addresses)), flush=True)


def table(addresses: dict[str, Any]) -> str:
    """Addresses and demo logins by country and role."""
    lines = ["", _RULE]
    for name, node in addresses["nodes"].items():
        lines.append(f"{name.upper():<8}portal {node['portal']}   API {node['api']}")
        if node["clients"]:
            lines.append(f"        API clients (make client C=…): {', '.join(node['clients'])}")
        lines += [_login(login) for login in sorted(node["logins"], key=lambda one: (one["roles"], one["username"]))]
    lines += [
        _RULE,
        "The region withholds counts below 11: `make demo VOLUME=150` in a second terminal fills its view.",
        "These people are invented and their passwords were made for this installation alone.",
    ]
    return "\n".join(lines)


def client(node: dict[str, Any], agency: str) -> str:
    """An agency's API client as a shell takes it in: `eval "$(make -s client C=kz.sapar-demo)"`."""
    found = node["clients"][agency]
    told = {
        "CLIENT_ID": found["client_id"],
        "CLIENT_SECRET": found["client_secret"],
        "TOKEN_ENDPOINT": node["token_endpoint"],
        "API": node["api"],
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in told.items())


def _login(login: dict[str, Any]) -> str:
    roles = ", ".join(role.replace("_", " ") for role in login["roles"])
    return f"        {roles:<42} {login['username']:<16} {login['password']:<16} {login['agency']}"
