"""The services of others: Stripe takes payments, the LLM gives advice."""
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from decimal import Decimal

import settings

PATIENCE = 2  # seconds


class Away(Exception):
    """Nobody answered, or not with what was asked for."""


def _ask(url, key, body=None, kind="application/json", more=()):
    headers = {"Authorization": "Bearer " + key, "Content-Type": kind, **dict(more)}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=PATIENCE) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise Away(f"{refused.code}: {refused.read(2000).decode(errors='replace')}") from None
    except (OSError, ValueError) as problem:
        raise Away(str(problem)) from None


def cents(amount):
    """Whole cents, as Stripe takes them."""
    return str(int(Decimal(amount) * 100))


def pay(amount, who):
    form = {"amount": cents(amount), "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa",
            "receipt_email": who}
    once = {"Idempotency-Key": str(uuid.uuid4())}
    return _ask(settings.STRIPE + "/v1/payment_intents", settings.SECRETS["STRIPE_API_KEY"],
                urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded", once)["id"]


def advice(question):
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}]}
    answer = _ask(settings.LLM + "/v1/chat/completions", settings.SECRETS["EMERGENT_LLM_KEY"], json.dumps(body).encode())
    return answer["choices"][0]["message"]["content"]


def _well(ask):
    try:
        ask()
        return "healthy"
    except (Away, KeyError, IndexError):
        return "unhealthy"


def health():
    """By service: healthy, or not."""
    return {"stripe": {"status": _well(lambda: _ask(settings.STRIPE + "/v1/balance", settings.SECRETS["STRIPE_API_KEY"]))},
            "emergent_llm": {"status": _well(lambda: _ask(settings.LLM + "/v1/models", settings.SECRETS["EMERGENT_LLM_KEY"]))}}
