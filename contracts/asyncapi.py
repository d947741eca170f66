"""The AsyncAPI 3 document, from the registry and the streams that deployment makes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.registry import Contract
from contracts.terms import Audience

_STREAMS = Path(__file__).parents[1] / "deploy" / "nats" / "streams.json"
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"

_HEADERS = {
    "type": "object",
    "required": ["Nats-Msg-Id", "Safar-Id", "Safar-Type"],
    "properties": {
        "Nats-Msg-Id": {"type": "string", "description": "The event's id and the account it is published in."},
        "Safar-Id": {"type": "string", "format": "uuid", "description": "The event's id."},
        "Safar-Type": {"type": "string", "description": "The contract's name."},
        "traceparent": {"type": "string", "description": "W3C Trace Context; stops at the border."},
    },
}


def document(contracts: Mapping[str, Contract]) -> str:
    """The document as YAML."""
    import yaml

    return str(yaml.safe_dump(_document(contracts), sort_keys=False, allow_unicode=True, width=120))


def _document(contracts: Mapping[str, Contract]) -> dict[str, Any]:
    known = sorted(contracts.values(), key=lambda one: (one.producer, one.name))
    producers = sorted({one.producer for one in known})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Safar events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in structured JSON. Within a lane the sequence is gapless from 1; an event "
            "is applied once, in order. Written by `python -m contracts.generate`.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {producer: _channel(producer, known) for producer in producers},
        "operations": dict(operation for one in known for operation in _operations(one)),
        "components": {"messages": {one.name: _message(one) for one in known}},
        "x-jetstream": json.loads(_STREAMS.read_text()),
    }


def _channel(producer: str, known: list[Contract]) -> dict[str, Any]:
    own = [one.name for one in known if one.producer == producer]
    return {
        "address": f"event.{{audience}}.{producer}.{{key}}",
        "description": f"What {producer} tells: its own node, a named party elsewhere, or arrived from elsewhere.",
        "parameters": {
            "audience": {"enum": [audience.value for audience in Audience]},
            "key": {"description": "The aggregate's id; `.` is written `_`. It orders the events."},
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in own},
        "x-jetstream": {"account": "NODE", "stream": "EVENTS", "inbound": "FROM_<country>"},
    }


def _operations(one: Contract) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{one.producer}"}
    messages = [{"$ref": f"#/channels/{one.producer}/messages/{one.name}"}]
    tells = {"action": "send", "channel": channel, "messages": messages, "tags": [{"name": one.producer}]}
    hears = [
        (
            f"{consumer}.hears.{one.name}",
            {
                "action": "receive",
                "channel": channel,
                "messages": messages,
                "tags": [{"name": consumer}],
                "x-jetstream": {"durable": consumer},
            },
        )
        for consumer in one.consumers
    ]
    return [(f"{one.producer}.tells.{one.name}", tells), *hears]


def _message(one: Contract) -> dict[str, Any]:
    said = (one.payload.__doc__ or "").strip()
    described = {"description": said} if said else {}
    schema = {
        "allOf": [
            {"$ref": "schemas/envelope.json"},
            {"properties": {"type": {"const": one.name}, "data": {"$ref": f"schemas/{one.name}.json"}}},
        ]
    }
    return {
        "name": one.name,
        **described,
        "contentType": "application/cloudevents+json",
        "headers": _HEADERS,
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": schema},
        "x-confidential": one.confidential,
    }
