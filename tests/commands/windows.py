"""When a deployment may begin: `deploy-window` and `freeze` of an environment, and `deploy --now`."""
import datetime
import time

from checks import DONE, WRONG, check

REFUSED, DETACHED = 6, 7
PLAN = """\
davy: 1
services:
  shop: {{ command: "echo $version > {folder}/serves", stop: "rm -f {folder}/serves",
          status: 'test "$(cat {folder}/serves)" = "$version"' }}
environments:
  production: {{ url: "http://127.0.0.1:1", {calendar} }}
rollout: [ restart ]
"""


def plan(f, calendar):
    (f.path / "davy.yaml").write_text(PLAN.format(folder=f.path, calendar=calendar))


def deploy(f, code, words, *more):
    return f.run(code, words, "deploy", "1", "-f", f.path / "davy.yaml", "--serves", "nothing", *more)


def hours_from_now(begins, ends):
    now = datetime.datetime.now(datetime.timezone.utc)
    return "..".join(f"{(now + datetime.timedelta(hours=n)).hour:02}:00" for n in (begins, ends))


@check
def outside_its_window_a_deployment_waits(f):
    window = hours_from_now(2, 3)
    plan(f, f"deploy-window: '{window}'")
    f.run(DONE, f"wait for the deploy window {window} .UTC., which opens ", "plan", "1", "-f", f.path / "davy.yaml")
    run = deploy(f, DETACHED, "", "--detach").split()[-1]
    time.sleep(1)
    assert not (f.path / "serves").exists(), "it waits"
    f.run(DONE, "which opens", "status", run)
    deploy(f, REFUSED, run)
    f.run(REFUSED, "it has changed nothing", "rollback", run, "--why", "not today")
    deploy(f, WRONG, "--now needs --why", "--now")
    deploy(f, DONE, "1 serves", "--now", "--why", "it is urgent")


@check
def within_its_window_it_begins(f):
    plan(f, "deploy-window: ['00:00..12:00', '12:00..24:00']")
    deploy(f, DONE, "1 serves")


@check
def on_frozen_days_it_is_refused_with_the_reason(f):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days = f"{today - datetime.timedelta(1)}..{today + datetime.timedelta(1)}"
    plan(f, f"freeze: {{ {days}: holidays }}")
    deploy(f, REFUSED, ["production is frozen", "holidays", "--now --why"])
    f.run(DONE, "refused today\n +production is frozen .* holidays", "plan", "1", "-f", f.path / "davy.yaml")
    deploy(f, DONE, "1 serves", "--now", "--why", "the login is open to everybody")


@check
def an_unknown_time_zone_is_told(f):
    plan(f, "timezone: Nowhere/Else, deploy-window: '09:00..16:00'")
    deploy(f, WRONG, "this machine does not know the time zone `Nowhere/Else`")
