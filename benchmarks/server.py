"""An API server for benchmarks, in a process of its own: bodies are encoded once, pages are cut from bytes.

    python -m benchmarks.server PODS FOLDER      prints the path of a kubeconfig, then serves until it is ended

What a client is measured against must not be the bottleneck, and must be the same for all of them.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks import ROOT
from benchmarks.cluster import cluster
from readiness_kit.serve.api import discovery
from readiness_kit.serve.server import GZIP_FROM, written_kubeconfig


class Lists:
    """Answers by path and query, from items encoded once."""

    def __init__(self, pods: int) -> None:
        lists = cluster(pods)
        self._fixed = {path: json.dumps(body).encode() for path, body in discovery(lists).items()}
        self._lists = {
            path: (body["kind"], body["apiVersion"], [json.dumps(item).encode() for item in body["items"]])
            for path, body in lists.items()
        }
        self._pages: dict[tuple[str, int, int], bytes] = {}

    def answer(self, target: str) -> bytes | None:
        url = urlsplit(target)
        path = url.path.rstrip("/")
        if path in self._fixed:
            return self._fixed[path]
        if path not in self._lists:
            # All of the cluster stands in one namespace, so that a narrow list is as long as the whole one.
            head, sign, tail = path.partition("/namespaces/weaviate/")
            path = f"{head}/{tail}" if sign else path
        if path not in self._lists:
            return None
        query = parse_qs(url.query)
        start = int(query.get("continue", ["0"])[0])
        return self._page(path, start, int(query.get("limit", ["0"])[0]))

    def _page(self, path: str, start: int, limit: int) -> bytes:
        kind, api, items = self._lists[path]
        end = start + limit if limit else len(items)
        metadata: dict[str, Any] = {"resourceVersion": "1000"}
        if end < len(items):
            metadata |= {"continue": str(end), "remainingItemCount": len(items) - end}
        head = json.dumps({"kind": kind, "apiVersion": api, "metadata": metadata})[:-1].encode()
        return head + b',"items":[' + b",".join(items[start:end]) + b"]}"


def _handler(lists: Lists) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = lists.answer(self.path)
            status = 200 if body is not None else 404
            body = (
                body if body is not None else b'{"kind":"Status","status":"Failure","code":404,"message":"not found"}'
            )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if len(body) >= GZIP_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, 1)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


@contextmanager
def serving(pods: int, folder: Path) -> Iterator[Path]:
    """A server of its own process while the context lasts; gives the kubeconfig."""
    command = [sys.executable, "-m", "benchmarks.server", str(pods), str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Path(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(Lists(int(sys.argv[1]))))
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_address[1]}"
    print(written_kubeconfig(Path(sys.argv[2]), "bench", {"bench": url}, {}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
