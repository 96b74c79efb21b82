"""Who somebody is: passwords, tokens that expire (JWT, RFC 7519, HS256), and how often one may try."""
import base64
import collections
import hashlib
import hmac
import json
import secrets
import threading
import time

import database

TOKEN_LASTS = 3600  # seconds
TRIES, WITHIN = 5, 60  # wrong passwords of one account, in so many seconds

_key = secrets.token_bytes(32)  # of this process: a restart asks everybody to log in again
_wrong = collections.defaultdict(collections.deque)
_lock = threading.Lock()


def hashed(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 2000).hex()


def too_many(email):
    with _lock:
        times = _wrong[email]
        while times and times[0] < time.monotonic() - WITHIN:
            times.popleft()
        return len(times) >= TRIES


def log_in(email, password):
    """A token, or None."""
    account = database.account(email)
    if account and hmac.compare_digest(account["password"], hashed(password, account["salt"])):
        return token({"sub": email, "role": account["role"], "exp": int(time.time()) + TOKEN_LASTS})
    with _lock:
        _wrong[email].append(time.monotonic())
    return None


def _packed(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signature(text):
    return _packed(hmac.new(_key, text.encode(), hashlib.sha256).digest())


def token(claims):
    text = ".".join(_packed(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return text + "." + _signature(text)


def claims(text):
    """Of a token that is ours and not over; else None."""
    head, _, signature = text.rpartition(".")
    if not hmac.compare_digest(signature, _signature(head)):
        return None
    body = head.split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return told if told["exp"] > time.time() else None
