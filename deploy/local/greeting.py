"""What `make run` shows once everything stands: the live crossing, the addresses, the demo logins."""

import asyncio
from typing import Any

from deploy.local.state import State, read_json

_RULE = "─" * 96


async def welcome(state: State, *, with_demo: bool) -> None:
    if with_demo:
        from deploy.local import demo

        await asyncio.to_thread(demo.run_demo, state)
    print(table(read_json(state.addresses)), flush=True)


def table(addresses: dict[str, Any]) -> str:
    """Addresses and demo logins by country and role."""
    lines = ["", _RULE]
    for name, node in addresses["nodes"].items():
        lines.append(f"{name.upper():<8}portal {node['portal']}   API {node['api']}")
        lines += [_login(login) for login in sorted(node["logins"], key=lambda one: (one["roles"], one["username"]))]
    lines += [_RULE, "These people are invented and their passwords were made for this installation alone."]
    return "\n".join(lines)


def _login(login: dict[str, Any]) -> str:
    roles = ", ".join(role.replace("_", " ") for role in login["roles"])
    return f"        {roles:<42} {login['username']:<16} {login['password']:<16} {login['agency']}"
