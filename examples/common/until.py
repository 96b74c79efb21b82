"""Waiting for what is to come, never for a time."""
import time


def until(what, look, within=60):
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {within} s in vain for: {what}")
