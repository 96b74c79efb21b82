"""What the service is told: secrets in `.env` beside it (which git does not know), ports in its environment."""
import os

HERE = os.path.dirname(os.path.realpath(__file__))


def _env_file():
    with open(os.path.join(HERE, ".env")) as lines:
        pairs = [line.strip().split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    return {name: value for name, value in pairs}


def _version():
    with open(os.path.join(HERE, "..", "VERSION")) as text:
        return text.read().strip()


VERSION = _version()  # once: a program that was not restarted says what it runs, not what lies on the disk
SECRETS = _env_file()
PORT = int(os.environ["BACKEND_PORT"])
STRIPE = os.environ["STRIPE_URL"]
LLM = os.environ["LLM_URL"]
ORIGIN = os.environ["ORIGIN"]  # whose pages may ask
