"""The API: JSON in, JSON out. `python3 server.py` serves on 127.0.0.1:$BACKEND_PORT."""
import dataclasses
import http.server
import json
import logging
import re

import accounts
import database
import outside
import settings
from pymongo.errors import PyMongoError

log = logging.getLogger("polaris")
PRICES = {"starter": "29.00", "growth": "49.00", "team": "99.00", "audit": "149.00", "report": "19.99"}
MOST = 64 * 1024  # bytes of a body


class Refused(Exception):
    def __init__(self, status, detail):
        super().__init__(detail)
        self.status, self.detail = status, detail


def read(form, document):
    """A form of its fields, each of them text; 422 where one is missing or something else."""
    fields = [field.name for field in dataclasses.fields(form)]
    if not isinstance(document, dict) or not all(isinstance(document.get(name), str) for name in fields):
        raise Refused(422, f"expected texts: {', '.join(fields)}")
    return form(**{name: document[name] for name in fields})


@dataclasses.dataclass
class LoginIn:
    email: str
    password: str


@dataclasses.dataclass
class PaymentTransactionIn:
    package: str


@dataclasses.dataclass
class ServiceRequestPaymentIn:
    request: str
    amount: str


@dataclasses.dataclass
class AssessmentIn:
    tier: str
    answers: str


@dataclasses.dataclass
class QuestionIn:
    question: str


def system(request):
    well = database_is_well()
    return (200 if well else 503), {"status": "healthy" if well else "unhealthy", "version": settings.VERSION,
                                    "components": {"database": "healthy" if well else "unhealthy"}}


def database_is_well():
    try:
        return database.query_ms() < 1000
    except PyMongoError as problem:
        log.error("database: %s", problem)
        return False


def database_health(request):
    try:
        return 200, {"status": "healthy", "query_ms": database.query_ms()}
    except PyMongoError as problem:
        return 503, {"status": "unhealthy", "detail": str(problem)[:200]}


def external(request):
    services = outside.health()
    well = all(one["status"] == "healthy" for one in services.values())
    return 200, {"status": "healthy" if well else "degraded", "services": services}


def log_in(request):
    who = read(LoginIn, request.document())
    if accounts.too_many(who.email):
        raise Refused(429, "too many attempts; try again in a minute")
    token = accounts.log_in(who.email, who.password)
    if not token:
        log.warning("authentication failed for %s", json.dumps(who.email))
        raise Refused(401, "email or password is wrong")
    return 200, {"token": token}


def users(request):
    request.of_role("admin")
    return 200, {"users": database.accounts()}


def pay(request):
    who = request.who()["sub"]
    wanted = read(PaymentTransactionIn, request.document())
    if wanted.package not in PRICES:
        raise Refused(422, "no such package")
    return paid(who, wanted.package, PRICES[wanted.package])


def pay_for_service(request):
    who = request.who()["sub"]
    wanted = read(ServiceRequestPaymentIn, request.document())
    if not re.fullmatch(r"[1-9]\d{0,4}\.\d\d", wanted.amount):
        raise Refused(422, "an amount is written as 250.00")
    return paid(who, "service", wanted.amount)


def paid(who, what, amount):
    try:
        intent = outside.pay(amount, who)
    except outside.Away as problem:
        log.error("payment of %s failed: %s", what, " ".join(str(problem).split()))
        raise Refused(502, "the payment could not be made") from None
    database.keep_payment(who, what, amount, intent)
    return 201, {"intent": intent, "amount": amount}


def assess(request):
    who = request.who()["sub"]
    given = read(AssessmentIn, request.document())
    if given.tier not in ("free", "paid"):
        raise Refused(422, "tier is free or paid")
    database.keep_assessment(who, given.tier, given.answers)
    return 201, {"state": "completed"}


def assessments(request):
    return 200, {"count": database.assessments_of(request.who()["sub"])}


def advise(request):
    request.who()
    question = read(QuestionIn, request.document()).question
    try:
        return 200, {"advice": outside.advice(question), "from": "llm"}
    except outside.Away as problem:
        log.error("advice failed: %s", " ".join(str(problem).split()))
        return 200, {"advice": "Begin with the free assessment.", "from": "handbook"}


ROUTES = {
    ("GET", "/api/health/system"): system,
    ("GET", "/api/health/database"): database_health,
    ("GET", "/api/health/external"): external,
    ("POST", "/api/auth/login"): log_in,
    ("GET", "/api/admin/users"): users,
    ("POST", "/api/payments"): pay,
    ("POST", "/api/payments/service"): pay_for_service,
    ("POST", "/api/assessments"): assess,
    ("GET", "/api/assessments"): assessments,
    ("POST", "/api/ai/advice"): advise,
}


class Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def document(self):
        try:
            document = json.loads(self.body)
        except ValueError:
            raise Refused(400, "the body is no JSON") from None
        if not isinstance(document, dict):
            raise Refused(422, "the body is no object")
        return document

    def who(self):
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        claims = accounts.claims(token) if kind == "Bearer" else None
        if not claims:
            raise Refused(401, "log in first")
        return claims

    def of_role(self, role):
        if self.who()["role"] != role:
            raise Refused(403, "this is for " + role)

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST:
            self.close_connection = True
            return 413, {"detail": "too large"}
        self.body = self.rfile.read(length)
        route = ROUTES.get((self.command, self.path.partition("?")[0]))
        try:
            return route(self) if route else (404, {"detail": "Not Found"})
        except Refused as why:
            return why.status, {"detail": why.detail}
        except PyMongoError as problem:
            log.error("database: %s", problem)
            return 503, {"detail": "the database does not answer"}

    def do_GET(self):
        status, document = self.answer()
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", settings.ORIGIN)
        self.send_header("Vary", "Origin")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *what):
        pass  # the proxy's log has them


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.info("polaris %s listens on port %d", settings.VERSION, settings.PORT)
    Server(("127.0.0.1", settings.PORT), Request).serve_forever()
