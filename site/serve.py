"""Serve the built site to this machine and to others in the same network: `make site-serve`.

python site/serve.py            # at port 8000
python site/serve.py --port 8080
"""

import argparse
import contextlib
import functools
import re
import socket
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HTML = Path(__file__).resolve().parent / "_build" / "html"
BASE = re.compile(rb'<base href="[^"]*">')  # of the page for what is not there: where the published site begins


class Handler(SimpleHTTPRequestHandler):
    """Files, with our own page for those that are not there, and the type that browsers want for WebAssembly."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript", ".mjs": "text/javascript"}
    extensions_map |= {".wasm": "application/wasm"}

    def send_error(self, code, message=None, explain=None):
        """As ever, but for "not found"."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = BASE.sub(b'<base href="/">', page.read_bytes())
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format, *args):
        """Requests are nobody's business."""


class Server(ThreadingHTTPServer):
    """One that does not complain of visitors who leave before everything has arrived."""

    def handle_error(self, request, client_address):
        """As ever, but for a connection that the other side has closed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def server(folder, address="", port=8000):
    """A server of a folder, not yet started; port 0 stands for any that is free."""
    return Server((address, port), functools.partial(Handler, directory=str(folder)))


def own_address():
    """This machine's address in its network, or None."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: it asks which address one would send from
        return probe.getsockname()[0]


def main(arguments=None):
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", default="8000")
    port = parser.parse_args(arguments).port
    if not (HTML / "index.html").is_file():
        raise SystemExit(f"there is no site in {HTML}: `make site` builds it")
    try:
        serving = server(HTML, port=int(port))
    except (OSError, OverflowError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "a port is a number from 0 to 65535"
        raise SystemExit(f"cannot serve at port {port} ({why}); choose another: make site-serve PORT=8080") from None
    with serving, contextlib.suppress(KeyboardInterrupt):
        port = serving.server_port
        print(f"http://localhost:{port} on this machine; Ctrl-C ends it")
        if address := own_address():
            print(f"http://{address}:{port} for others in this network")
        serving.serve_forever()


if __name__ == "__main__":
    main()
