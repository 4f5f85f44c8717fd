"""One paper exchange on loopback: its process, its keys, its hand and an independent eye on it.

Nothing here is part of a client: what a test expects of the venue it reads through `Paper.ask`,
which knows only the standard library.
"""

import hashlib
import hmac
import json
import os
import secrets
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 10
ANSWER_SECONDS_MAX = 10
POLL_SECONDS = 0.01


class Refused(Exception):
    """The venue's own words for a refusal."""

    def __init__(self, status, code, msg):
        super().__init__(f"{status} {code} {msg}")
        self.status, self.code, self.msg = status, code, msg


def wait_until(what, condition, seconds_max=ANSWER_SECONDS_MAX):
    """Returns the condition's first true value; a failure names what never came."""
    deadline = time.monotonic() + seconds_max
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds_max} s")
        time.sleep(POLL_SECONDS)


class Paper:
    """A venue of its own: fresh account, prices that move only by hand."""

    def __init__(self, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="paper-")
        self.api_key = secrets.token_hex(32)
        self.secret = secrets.token_hex(32)
        self.ed25519_pem = self._make_keys()
        self.process = self._start({"data": "manual", "strategy": False, "seed": 1, **settings})
        self.price("BTCUSDT", "60000")
        self.price("ETHUSDT", "3000")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends this process alone, by its id; says what it said when it ended badly."""
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        log = self._file("log").read_text()
        self.folder.cleanup()
        assert code == 0, f"the paper exchange ended with {code}:\n{log}"

    # By hand: what no client can do.

    def price(self, symbol, price):
        """The market jumps to this price: mark, index, last and both sides of the book."""
        self.admin("price", symbol=symbol, price=price)

    def admin(self, what, **body):
        """`POST /paper/<what>`."""
        return self._send("POST", f"/paper/{what}", body=json.dumps(body).encode())

    # The independent eye.

    def ask(self, method, path, **params):
        """One signed request, straight over HTTP."""
        params = {**params, "timestamp": int(time.time() * 1000)}
        text = urllib.parse.urlencode(params)
        sign = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return self._send(method, f"{path}?{text}&signature={sign}")

    def order(self, **ref):
        """The ordinary order as the venue holds it."""
        return self.ask("GET", "/fapi/v1/order", **ref)

    def amount(self, symbol, side="BOTH"):
        """The position's signed size."""
        rows = self.ask("GET", "/fapi/v2/positionRisk", symbol=symbol)
        return next(Decimal(row["positionAmt"]) for row in rows if row["positionSide"] == side)

    def _send(self, method, path, body=None):
        request = urllib.request.Request(self.rest + path, data=body, method=method)
        request.add_header("X-MBX-APIKEY", self.api_key)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            told = json.load(error)
            raise Refused(error.code, told["code"], told["msg"]) from None

    def _file(self, name):
        return Path(self.folder.name) / name

    def _make_keys(self):
        key = Ed25519PrivateKey.generate()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        public = key.public_key().public_bytes(serialization.Encoding.PEM, form)
        self._file("api-key").write_text(self.api_key)
        self._file("secret").write_text(self.secret)
        self._file("public.pem").write_bytes(public)
        form = serialization.PrivateFormat.PKCS8
        plain = serialization.NoEncryption()
        return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()

    def _start(self, settings):
        settings = {
            "api_key_file": str(self._file("api-key")),
            "secret_file": str(self._file("secret")),
            "ed25519_public_key_file": str(self._file("public.pem")),
            "ports_file": str(self._file("ports.json")),
            **settings,
        }
        # Texts, numbers and booleans are written alike in JSON and TOML.
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
        self._file("config.toml").write_text("".join(lines))
        command = [os.environ["PAPER_EXCHANGE"], "--config", str(self._file("config.toml"))]
        with open(self._file("log"), "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log, stdout=log)
        ports = self._file("ports.json")

        def is_open():
            if process.poll() is not None:
                raise AssertionError(self._file("log").read_text())
            return ports.exists()

        wait_until("the venue opens", is_open, START_SECONDS_MAX)
        addresses = json.loads(ports.read_text())
        self.rest, self.ws = addresses["rest"], addresses["ws"]
        return process
