"""`davy exec`: a program as a service's own."""
import os
import subprocess

from checks import BUILD, DONE, WRONG, check

PLAN = """\
davy: 1
services: { shop: { command: "true", stop: "true", status: "true" } }
environments: { production: { url: "http://localhost:9", variables: { color: blue } } }
secrets: [KEY]
rollout: [ restart ]
"""


@check
def a_program_is_run_as_the_service_that_serves(f):
    """Variables, secrets and folder of the release that serves; its exit code; and nothing of it without one."""
    folder = str(f.path)
    with open(folder + "/davy.yaml", "w") as plan:
        plan.write(PLAN)
    env = {**os.environ, "DAVY_STATE": folder + "/state", "KEY": "canary-key", "NO_COLOR": "1"}

    def davy(*words):
        return subprocess.run([BUILD / "davy", *words], cwd=folder, env=env, capture_output=True, text=True, timeout=60)

    assert davy("exec", "shop", "--", "true").returncode == WRONG
    assert davy("deploy", "1", "--serves", "nothing").returncode == DONE
    done = davy("exec", "shop", "--", "sh", "-c", 'echo "$version $environment $color $KEY"; pwd; exit 3')
    assert (done.returncode, done.stdout.split()) == (3, ["1", "production", "blue", "canary-key", os.path.realpath(folder)]), done
    lost = davy("exec", "shop", "--", "no-such-program")
    assert lost.returncode == WRONG and "cannot run `no-such-program`" in lost.stderr, lost
    assert davy("exec", "nobody", "--", "true").returncode == WRONG
