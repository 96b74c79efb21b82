"""What the stand-ins of web APIs have in common: JSON answers, from a table of routes."""
import argparse
import http.server
import json


def serve(doc, routes):
    """routes: (method, path) → function of the request, which has `body`, that gives status and document; None → who may ask."""
    options = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, required=True)
    if None in routes:
        options.add_argument("--key", required=True, help="the key that it takes; any other is refused")

    class Request(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        key = None

        def do_GET(self):
            self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document = routes[None](self) if None in routes else (200, {})
            if status == 200:
                route = routes.get((self.command, self.path))
                status, document = route(self) if route else routes["unknown"](self)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def document(self):
            return json.loads(self.body or b"{}")

        def log_message(self, *what):
            pass

    given = options.parse_args()
    Request.key = getattr(given, "key", None)
    http.server.ThreadingHTTPServer.daemon_threads = True
    http.server.ThreadingHTTPServer(("127.0.0.1", given.port), Request).serve_forever()
