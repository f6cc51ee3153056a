"""The demo company's website: a few pages with Baton's script and a form, served on a port of its own.

Run as `python -m baton.web.demo.site PORT BATON_URL`. Pages are files in pages/, `{{baton}}` stands for Baton's
address.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGES = Path(__file__).resolve().parent / "pages"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml"}


class Site(BaseHTTPRequestHandler):
    """Answers GET and HEAD with a page of the folder; everything else is not there."""

    baton = ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        name = urlsplit(self.path).path.strip("/") or "index"
        files = {path.name: path for path in PAGES.iterdir()}
        found = files.get(name) or files.get(f"{name.replace('/', '-')}.html")
        body = (found or files["missing.html"]).read_text().replace("{{baton}}", self.baton).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", TYPES[(found or files["missing.html"]).suffix])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet: the demo's own pages are not worth a line each."""


def main() -> None:
    port, Site.baton = int(sys.argv[1]), sys.argv[2].rstrip("/")
    with ThreadingHTTPServer(("127.0.0.1", port), Site) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
