"""Who is told: an HTTP receiver and an SMTP server of a few lines each, standard library only, on loopback."""
import base64
import email
import email.policy
import http.server
import json
import socketserver
import ssl
import subprocess
import threading


class Hooks:
    """Takes what is posted. `answer` decides: it gets the request and how many came before, and gives a status."""

    def __init__(self, answer=lambda request, before: 200):
        self.got = []  # of each request: path, headers, body, and what it was answered
        self.answer = answer
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = {"path": self.path, "headers": dict(self.headers), "body": body}
                before = len(outer.got)
                outer.got.append(request)
                request["status"] = outer.answer(request, before)
                try:
                    self.send_response(request["status"])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # whoever asked was killed meanwhile

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    def taken(self, path="/"):
        """What was taken there, as JSON."""
        return [json.loads(one["body"]) for one in self.got if one["path"] == path and one.get("status") == 200]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def certificate(folder):
    """A self-signed one of localhost: (certificate, key)."""
    cert, key = folder + "/cert.pem", folder + "/key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, key


class Smtp:
    """Takes mail (RFC 5321), with STARTTLS and AUTH where it has a certificate, and what is demanded of it."""

    def __init__(self, port=0, tls=None, login=None, auth="PLAIN", tls_first=False, at=lambda word: None):
        self.got = []  # of each letter: sender, recipients, text, tls, and who had logged in
        self.tls, self.login, self.auth, self.tls_first = tls, login, auth, tls_first
        self.at = at  # is called with each word before it is answered; "the end" of a text, and "taken" behind the answer
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    outer.talk(self)
                except OSError:
                    pass  # whoever sent was killed meanwhile

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def talk(self, peer):
        letter = {"to": [], "tls": self.tls_first, "login": None}
        if self.tls_first:
            self.secure(peer)
        self.say(peer, "220 sink")
        while line := peer.rfile.readline(2000):
            words = line.decode("ascii").strip().split(" ")
            word = words[0].upper()
            self.at(word)
            if word == "EHLO":
                offers = (["STARTTLS"] if self.tls and not letter["tls"] else []) + (["AUTH " + self.auth] if self.login else [])
                names = ["sink", *offers]
                for name in names[:-1]:
                    self.say(peer, "250-" + name)
                self.say(peer, "250 " + names[-1])
            elif word == "STARTTLS":
                self.say(peer, "220 go")
                self.secure(peer)
                letter["tls"] = True
            elif word == "AUTH":
                if self.auth == "PLAIN":
                    answers = base64.b64decode(words[2]).split(b"\0")[1:]
                else:
                    answers = [base64.b64decode(self.ask(peer)) for _ in ("user", "password")]
                letter["login"] = tuple(answer.decode() for answer in answers)
                self.say(peer, "235 fine" if letter["login"] == self.login else "535 no")
            elif word == "MAIL":
                self.say(peer, "250 fine" if not self.login or letter["login"] == self.login else "530 who are you?")
                letter["from"] = " ".join(words[1:])
            elif word == "RCPT":
                letter["to"].append(" ".join(words[1:]))
                self.say(peer, "250 fine")
            elif word == "DATA":
                self.say(peer, "354 go on")
                lines = []
                while (line := peer.rfile.readline(2000)) != b".\r\n":
                    if not line:
                        return
                    lines.append(line[1:] if line.startswith(b".") else line)
                self.at("the end")
                self.got.append({**letter, "raw": b"".join(lines)})
                self.say(peer, "250 taken")
                self.at("taken")
            elif word == "QUIT":
                return self.say(peer, "221 bye")
            else:
                self.say(peer, "500 what?")

    def secure(self, peer):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.tls)
        peer.request = context.wrap_socket(peer.request, server_side=True)
        peer.rfile, peer.wfile = peer.request.makefile("rb"), peer.request.makefile("wb", 0)

    def ask(self, peer):
        self.say(peer, "334 ")
        return peer.rfile.readline(2000).strip()

    @staticmethod
    def say(peer, text):
        peer.wfile.write(text.encode() + b"\r\n")

    def letters(self):
        return [email.message_from_bytes(one["raw"], policy=email.policy.default) for one in self.got]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
