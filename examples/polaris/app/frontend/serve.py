"""The pages: what lies in `public`, packed and cached, each with the version that made it. 127.0.0.1:$FRONTEND_PORT."""
import gzip
import http.server
import json
import mimetypes
import os

HERE = os.path.dirname(os.path.realpath(__file__))
with open(os.path.join(HERE, "..", "VERSION")) as text:
    VERSION = text.read().strip()


def pages():
    """All of them by path, read once; what is under /static may be kept by whoever gets it."""
    out = {}
    for folder, _, names in os.walk(os.path.join(HERE, "public")):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                body = file.read().replace(b"{{version}}", VERSION.encode())
            out["/" + os.path.relpath(path, os.path.join(HERE, "public"))] = (body, mimetypes.guess_type(path)[0])
    out["/version.json"] = (json.dumps({"version": VERSION}).encode(), "application/json")
    return {path: (body, gzip.compress(body), kind) for path, (body, kind) in out.items()}


PAGES = pages()


class Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        path = self.path.partition("?")[0]
        path = "/index.html" if path == "/" else path
        status = 200 if path in PAGES else 404
        body, packed, kind = PAGES.get(path, (b"no such page\n", b"", "text/plain"))
        zipped = status == 200 and "gzip" in self.headers.get("Accept-Encoding", "")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Cache-Control", "public, max-age=86400" if path.startswith("/static/") else "no-cache")
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed if zipped else body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(packed if zipped else body)

    do_HEAD = do_GET

    def log_message(self, *what):
        pass


if __name__ == "__main__":
    print("frontend", VERSION, flush=True)
    http.server.ThreadingHTTPServer.daemon_threads = True
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["FRONTEND_PORT"])), Request).serve_forever()
