"""The system's Firefox without a network, driven by WebDriver BiDi, which it speaks itself: no driver is needed."""

from __future__ import annotations

import json
import re
import subprocess
import time
from itertools import count
from pathlib import Path
from typing import Any

from websocket import create_connection

PREFERENCES = {
    "network.proxy.type": 1,  # everything but files goes to a port where nobody listens
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_port": 9,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "ui.prefersReducedMotion": 1,
}
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
VIOLATIONS = """() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', event => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
}"""


class Firefox:
    """One window."""

    def __init__(self, binary: str, folder: Path) -> None:
        (folder / "user.js").write_text("".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()))
        log = folder / "firefox.log"
        with log.open("w") as record:
            command = [binary, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0", "about:blank"]
            self.process = subprocess.Popen(command, stdout=record, stderr=subprocess.STDOUT)
        while (listening := LISTENING.search(log.read_text())) is None:
            assert self.process.poll() is None, log.read_text()
            time.sleep(0.1)
        self.socket = create_connection(f"{listening[1]}/session", timeout=600, suppress_origin=True)
        self.numbers = count(1)
        self.events: list[dict[str, Any]] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.call("script.addPreloadScript", functionDeclaration=VIOLATIONS)
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def close(self) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=60)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What a command gives; events that come before it are kept."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (told := json.loads(self.socket.recv())).get("id") != number:
            self.events.append(told)
        assert told["type"] == "success", told
        return dict(told["result"])

    def open(self, path: Path) -> None:
        self.events.clear()
        self.call("browsingContext.navigate", context=self.context, url=path.as_uri(), wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page, by way of JSON; a promise is waited for."""
        told = self.call(
            "script.evaluate", target={"context": self.context}, awaitPromise=True,
            expression=f"(async () => JSON.stringify(await ({expression}) ?? null))()",
        )  # fmt: skip
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])

    def press(self, key: str) -> None:
        """A key of the keyboard, by WebDriver's code."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.call("input.performActions", context=self.context, actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    def complaints(self) -> list[str]:
        """What the console and the page's policy complained of, and what was asked of any network."""
        told = [event["params"] for event in self.events if event.get("method") == "log.entryAdded"]
        asked = [event["params"]["request"]["url"] for event in self.events if event.get("method") == "network.beforeRequestSent"]
        return [
            *(entry["text"] for entry in told if entry["level"] in ("error", "warn")),
            *(url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))),
            *self.evaluate("window.violations"),
        ]
