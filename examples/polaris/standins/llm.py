"""In place of the LLM: chat completions and the list of models, in the form of OpenAI's API reference
(platform.openai.com/docs/api-reference), which such services take. It always says the same.

  llm.py --port 8083 --key sk-…
"""
import json
import secrets
import time

import web

MODEL = "gpt-4o-mini"


def error(status, message, code):
    return status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def known(request):
    if request.headers.get("Authorization") != "Bearer " + request.key:
        return error(401, "Incorrect API key provided.", "invalid_api_key")
    return 200, None


def complete(request):
    asked = json.loads(request.body)
    if asked.get("model") != MODEL:
        return error(404, f"The model `{asked.get('model')}` does not exist", "model_not_found")
    said = "Begin with what your customers ask for most."
    words = sum(len(one["content"].split()) for one in asked["messages"])
    return 200, {"id": "chatcmpl-" + secrets.token_hex(12), "object": "chat.completion", "created": int(time.time()),
                 "model": MODEL, "choices": [{"index": 0, "message": {"role": "assistant", "content": said},
                                              "logprobs": None, "finish_reason": "stop"}],
                 "usage": {"prompt_tokens": words, "completion_tokens": 8, "total_tokens": words + 8}}


def models(request):
    return 200, {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 1721172741, "owned_by": "system"}]}


web.serve(__doc__, {
    None: known,
    "unknown": lambda request: error(404, f"Invalid URL ({request.command} {request.path})", None),
    ("POST", "/v1/chat/completions"): complete,
    ("GET", "/v1/models"): models,
})
