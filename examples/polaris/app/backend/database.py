"""MongoDB: accounts, assessments, payments."""
import time

import pymongo

from settings import SECRETS

_client = pymongo.MongoClient(SECRETS["MONGO_URL"], serverSelectionTimeoutMS=2000, socketTimeoutMS=2000)
_data = _client.get_default_database()


def account(email):
    return _data.users.find_one({"email": email})


def accounts():
    return [one["email"] for one in _data.users.find({})]


def keep_assessment(who, tier, answers):
    _data.assessments.insert_one({"who": who, "tier": tier, "answers": answers, "state": "completed"})


def assessments_of(who):
    return _data.assessments.count_documents({"who": who})


def keep_payment(who, package, amount, intent):
    _data.payments.insert_one({"who": who, "package": package, "amount": amount, "intent": intent})


def query_ms():
    """How long a small question takes. pymongo.errors.PyMongoError where it is not answered."""
    begun = time.monotonic()
    _data.assessments.count_documents({"tier": "free"})
    return round((time.monotonic() - begun) * 1000, 2)
