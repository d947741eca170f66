"""Traces go to any collector by the standard environment variables."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.postgres import ROOT

PROGRAM = """
import os
from opentelemetry import trace
from services.chassis import telemetry
telemetry.set_up("referrals", "kz", None, dict(os.environ))
span = telemetry.linked_span("border receive", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
span.end()
trace.get_tracer_provider().shutdown()
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_span_reaches_the_collector_that_the_environment_names(collector: tuple[str, list[bytes]]) -> None:
    address, received = collector
    environment = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}

    subprocess.run([sys.executable, "-c", PROGRAM], check=True, cwd=ROOT, env=environment, timeout=60)

    exported = ExportTraceServiceRequest.FromString(received[0]).resource_spans[0]
    names = {pair.key: pair.value.string_value for pair in exported.resource.attributes}
    span = exported.scope_spans[0].spans[0]
    assert names["service.name"] == "kz.referrals"
    assert span.name == "border receive"
    assert span.links[0].trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
