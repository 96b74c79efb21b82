"""A stand-in for Alertmanager: POST and GET of /api/v2/silences as its OpenAPI has them (api/v2/openapi.yaml, 0.25)."""
import datetime
import http.server
import json
import threading
import uuid


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Alertmanager:
    def __init__(self, token=""):
        self.silences, self.asked, self.token = {}, [], token
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                allowed = not outer.token or self.headers.get("Authorization") == "Bearer " + outer.token
                status, said = outer.post(self.path, body) if allowed else (401, "who are you?")
                text = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def post(self, path, body):
        """The same matchers and beginning prolong; an id that is not there, or has expired, is 404."""
        self.asked.append(body)
        if path != "/api/v2/silences":
            return 404, "no such place"
        for key in ("matchers", "startsAt", "endsAt", "createdBy", "comment"):
            if not body.get(key):
                return 400, f"{key} in body is required"
        if "id" in body and body["id"] not in self.silences:
            return 404, "silence not found"
        name = body.get("id") or str(uuid.uuid4())
        self.silences[name] = body
        return 200, {"silenceID": name}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
