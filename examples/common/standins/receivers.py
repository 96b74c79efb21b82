"""Who is told: a mail server (python3-aiosmtpd) that takes letters over TLS and from who logs in only, and a receiver of
webhooks: of Davy's own, which must be signed (HOOK_KEY), or with --slack of Slack's incoming webhooks, whose path is the secret.
Both write what they took, a line of JSON each.

  receivers.py --mail-port 2525 --hook-port 8085 --certificate cert.pem --key key.pem --mail mail.jsonl --hooks hooks.jsonl [--slack]
  SMTP_PASSWORD and HOOK_KEY are in its environment.
"""
import argparse
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

USER = "davy"


def note(path, what):
    with open(path, "a") as out:
        out.write(json.dumps(what) + "\n")


def logged_in(server, session, envelope, mechanism, login):
    well = login.login.decode() == USER and hmac.compare_digest(login.password, os.environb[b"SMTP_PASSWORD"])
    return AuthResult(success=well, handled=False)


class Letters:
    def __init__(self, path):
        self.path = path

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        note(self.path, {"to": envelope.rcpt_tos, "from": envelope.mail_from, "subject": letter["Subject"],
                         "id": letter["Message-ID"], "text": letter.get_content(),
                         "tls": session.ssl is not None, "logged_in": session.authenticated})
        return "250 taken"


def hooks(port, path):
    key = os.environb[b"HOOK_KEY"]

    class Request(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(min(int(self.headers["Content-Length"]), 1024 * 1024))
            wanted = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
            signed = hmac.compare_digest(wanted, self.headers.get("Davy-Signature", ""))
            note(path, {"signed": signed, "notice": self.headers.get("Davy-Notice"), "body": json.loads(body)})
            self.send_response(204 if signed else 401)
            self.end_headers()

        def log_message(self, *what):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Request).serve_forever()


def slack(port, path):
    class Request(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(min(int(self.headers["Content-Length"]), 1024 * 1024))
            told = json.loads(body)
            well = self.path.startswith("/services/") and isinstance(told.get("text"), str)
            note(path, {"path": self.path, "well": well, "body": told})
            self.send_response(200 if well else 400)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"ok" if well else b"invalid_payload")

        def log_message(self, *what):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Request).serve_forever()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--mail-port", "--hook-port"):
        options.add_argument(name, type=int, required=True)
    for name in ("--certificate", "--key", "--mail", "--hooks"):
        options.add_argument(name, required=True)
    options.add_argument("--slack", action="store_true")
    given = options.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.certificate, given.key)
    Controller(Letters(given.mail), hostname="127.0.0.1", port=given.mail_port, tls_context=context, require_starttls=True,
               authenticator=logged_in, auth_required=True, auth_require_tls=True).start()
    (slack if given.slack else hooks)(given.hook_port, given.hooks)


main()
