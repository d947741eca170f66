"""The merged OpenAPI of a node: one document for all that its edge offers."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx

_OLD = 60.0


class MergedOpenApi:
    """The services' documents as one, kept for a minute; a service that is away is left out and named."""

    def __init__(self, http: httpx.AsyncClient, bases: Mapping[str, str], node: str, issuer: str) -> None:
        self._http = http
        self._bases = bases
        self._node = node
        self._issuer = issuer.rstrip("/")
        self._kept: tuple[float, dict[str, Any]] | None = None

    async def read(self) -> dict[str, Any]:
        if self._kept is None or time.monotonic() - self._kept[0] > _OLD:
            found = await asyncio.gather(*(self._ask(base) for base in self._bases.values()))
            documents = dict(zip(self._bases, found, strict=True))
            merged = merge(self._node, self._issuer, documents)
            if None in documents.values():
                return merged
            self._kept = (time.monotonic(), merged)
        return self._kept[1]

    async def _ask(self, base: str) -> dict[str, Any] | None:
        try:
            answer = await self._http.get(f"{base}/openapi.json")
            answer.raise_for_status()
            document: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError):
            return None
        return document


def merge(node: str, issuer: str, documents: Mapping[str, dict[str, Any] | None]) -> dict[str, Any]:
    """One document: schemas carry their service's name, so that two of one name never mix."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    away = [name for name, document in documents.items() if document is None]
    for name, document in documents.items():
        if document is None:
            continue
        renamed = _rename(document, name)
        for path, item in renamed.get("paths", {}).items():
            paths[path] = {method: _tagged(one, name) for method, one in item.items()}
        for schema, body in renamed.get("components", {}).get("schemas", {}).items():
            schemas[f"{name}_{schema}"] = body
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": f"Safar, node {node}", "version": "1"},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": _bearer(issuer)},
        },
        "security": [{"bearer": []}],
    }
    if away:
        merged["x-unavailable"] = away
    return merged


def _bearer(issuer: str) -> dict[str, str]:
    described = (
        "An access token of this node's identity provider. A system takes one with grant_type=client_credentials "
        "at the token_endpoint that the provider's metadata names, its client id and secret as HTTP Basic: "
        f"{issuer}/.well-known/openid-configuration"
    )
    return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": described}


def _tagged(operation: Any, name: str) -> Any:
    return operation | {"tags": [name]} if isinstance(operation, dict) else operation


def _rename(value: Any, name: str) -> Any:
    """The document with its references pointing at the prefixed schemas."""
    if isinstance(value, dict):
        return {
            key: member.replace("#/components/schemas/", f"#/components/schemas/{name}_")
            if key == "$ref" and isinstance(member, str)
            else _rename(member, name)
            for key, member in value.items()
        }
    return [_rename(one, name) for one in value] if isinstance(value, list) else value
