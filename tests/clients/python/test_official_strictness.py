"""Whether a wrong type would be noticed at all."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

from official import connector, loosely_read


class TextForNumber(BaseHTTPRequestHandler):
    """A venue that says the time as a text."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"serverTime": "1"}).encode())

    def log_message(self, *_):
        """Nothing to say."""


def test_a_text_in_place_of_a_number_is_noticed(caplog):
    server = HTTPServer(("127.0.0.1", 0), TextForNumber)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        rest = f"http://127.0.0.1:{server.server_port}"
        venue = SimpleNamespace(rest=rest, ws=rest, api_key="key", secret="secret")
        connector(venue).rest_api.check_server_time()
    finally:
        server.shutdown()
        server.server_close()
    (text,) = loosely_read(caplog.records)
    assert "/fapi/v1/time" in text
