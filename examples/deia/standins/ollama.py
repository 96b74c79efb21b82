"""Stands in for Ollama: its list of models and its generation, in the form of its API (github.com/ollama/ollama, docs/api.md). No
model is there; it always says the same.

  ollama.py --port 11434
"""
import datetime

import web

MODELS = ("llama3.2:1b", "nomic-embed-text:latest")


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def tags(request):
    details = {"parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "1.2B",
               "quantization_level": "Q8_0"}
    return 200, {"models": [{"name": name, "model": name, "modified_at": now(), "size": 1321098329, "digest": "baf6a787fdff" + "0" * 52,
                             "details": details} for name in MODELS]}


def generate(request):
    asked = request.document()
    if asked.get("model") not in MODELS:
        return 404, {"error": f"model '{asked.get('model')}' not found"}
    return 200, {"model": asked["model"], "created_at": now(), "response": "One thing after the other.", "done": True,
                 "done_reason": "stop", "context": [1, 2, 3], "total_duration": 2000000, "load_duration": 100000,
                 "prompt_eval_count": 8, "prompt_eval_duration": 400000, "eval_count": 6, "eval_duration": 900000}


web.serve(__doc__, {("GET", "/api/tags"): tags, ("POST", "/api/generate"): generate, "unknown": lambda request: (404, {"error": "not found"})})
