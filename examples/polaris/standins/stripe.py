"""In place of Stripe: PaymentIntents and the balance, in the form of its API reference (docs.stripe.com/api): forms in, JSON
out, keys as Bearer, errors with type, code, message and param, the same answer for the same Idempotency-Key.

  stripe.py --port 8082 --key sk_test_…
"""
import secrets
import time
import urllib.parse

import web

answers = {}  # by Idempotency-Key


def error(status, message, code=None, param=None):
    what = {"type": "invalid_request_error", "message": message, "code": code, "param": param}
    return status, {"error": {name: value for name, value in what.items() if value}}


def known(request):
    if request.headers.get("Authorization") != "Bearer " + request.key:
        return error(401, "Invalid API Key provided")
    return 200, None


def pay(request):
    once = request.headers.get("Idempotency-Key")
    if once in answers:
        return answers[once]
    answer = intent(dict(urllib.parse.parse_qsl(request.body.decode())))
    if once and len(answers) < 100000:
        answers[once] = answer
    return answer


def intent(form):
    amount = form.get("amount")
    if amount is None:
        return error(400, "Missing required param: amount.", "parameter_missing", "amount")
    if not amount.isdecimal():
        return error(400, f"Invalid integer: {amount}", "parameter_invalid_integer", "amount")
    if int(amount) < 50:
        return error(400, "Amount must be at least $0.50 usd", "amount_too_small", "amount")
    name = "pi_" + secrets.token_hex(12)
    return 200, {"id": name, "object": "payment_intent", "amount": int(amount), "amount_received": int(amount),
                 "currency": form.get("currency", "usd"), "status": "succeeded", "livemode": False,
                 "client_secret": f"{name}_secret_{secrets.token_hex(12)}", "created": int(time.time()),
                 "payment_method": form.get("payment_method"), "receipt_email": form.get("receipt_email")}


def balance(request):
    money = [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
    return 200, {"object": "balance", "available": money, "pending": money, "livemode": False}


web.serve(__doc__, {
    None: known,
    "unknown": lambda request: error(404, f"Unrecognized request URL ({request.command}: {request.path})"),
    ("POST", "/v1/payment_intents"): pay,
    ("GET", "/v1/balance"): balance,
})
