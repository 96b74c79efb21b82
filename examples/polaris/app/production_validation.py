"""The journeys that must work, as a user takes them: $url says where, QA_PASSWORD who. Exit 1, and which one does not."""
import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ["url"]
QA = "client.qa@polaris.example.com"


def ask(path, document=None, token=""):
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    body = json.dumps(document).encode() if document is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(URL + path, body, headers), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def expect(journey, status, answer, wanted):
    print(f"{'ok    ' if status == wanted else 'FAILED'} {journey}: {status}")
    if status != wanted:
        sys.exit(f"{journey}: {status} {answer}, expected {wanted}")
    return answer


def main():
    token = expect("log in", *ask("/api/auth/login", {"email": QA, "password": os.environ["QA_PASSWORD"]}), 200)["token"]
    before = expect("see assessments", *ask("/api/assessments", token=token), 200)["count"]
    expect("assess", *ask("/api/assessments", {"tier": "free", "answers": "1,2,3"}, token), 201)
    after = expect("see it", *ask("/api/assessments", token=token), 200)["count"]
    if after != before + 1:
        sys.exit(f"an assessment was taken and is not there: {before}, then {after}")
    expect("pay", *ask("/api/payments", {"package": "starter"}, token), 201)
    expect("ask for advice", *ask("/api/ai/advice", {"question": "Where do I begin?"}, token), 200)
    expect("see nothing of the administration", *ask("/api/admin/users", token=token), 403)


main()
