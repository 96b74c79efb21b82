"""HTTP checks in one `davy check`, beside blackbox_exporter asked for the same addresses: CPU of each check.

The server that answers is nginx. Both open a connection for every check. blackbox_exporter is asked over kept connections by
sixteen threads; what asks it is not counted, only the exporter's own CPU.
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile
import time

from world import BUILD, Failed

NGINX = """daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200 '{{"status":"healthy"}}'; }} }} }}
"""
PLAN = """davy: 1
services: {{ shop: {{ command: "true", stop: "true", status: "true" }} }}
environments: {{ production: }}
checks:
  all:
{items}
rollout: [ restart ]
"""
MODULE = "modules: { http_2xx: { prober: http, timeout: 5s, http: { preferred_ip_protocol: ip4 } } }\n"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port):
    until = time.time() + 10
    while time.time() < until:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Failed(f"nobody listens at {port}")


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def of_children(work):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    out = work()
    took = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def davy(folder, port, count):
    items = "\n".join(f"    C{i}: {{ http: 'http://127.0.0.1:{port}/{i}', expect: status = 200 }}" for i in range(count))
    (folder / "davy.yaml").write_text(PLAN.format(items=items))
    asked = [BUILD / "davy", "check", "--json", "-f", folder / "davy.yaml", "--state", folder / "state"]
    done, took, cpu = of_children(lambda: subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    if done.returncode != 0:
        raise Failed(f"davy check: exit {done.returncode}: {done.stderr[-300:]}")
    results = json.loads(done.stdout)
    well = sum(one["result"] == "ok" for one in results)
    if well != count:
        raise Failed(f"davy check: {well} of {count} are well")
    return took, cpu


def blackbox(folder, port, count):
    program = shutil.which("prometheus-blackbox-exporter")
    if not program:
        return None
    (folder / "blackbox.yml").write_text(MODULE)
    at = free_port()
    exporter = subprocess.Popen([program, f"--config.file={folder}/blackbox.yml", f"--web.listen-address=127.0.0.1:{at}"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        listening(at)

        def some(first):
            connection = http.client.HTTPConnection("127.0.0.1", at)
            for i in range(first, count, 16):
                connection.request("GET", f"/probe?module=http_2xx&target=http://127.0.0.1:{port}/{i}")
                if b"probe_success 1" not in connection.getresponse().read():
                    raise Failed(f"blackbox_exporter: {i} is not well")

        before, began = cpu_of(exporter.pid), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(some, range(16)))
        return time.monotonic() - began, cpu_of(exporter.pid) - before
    finally:
        exporter.terminate()
        exporter.wait()


def measure(quick=False):
    count = 500 if quick else 2000
    folder = pathlib.Path(tempfile.mkdtemp(prefix="davy-checks."))
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    server = subprocess.Popen(["nginx", "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        listening(port)
        rows = {"davy check": min(davy(folder, port, count) for _ in range(3)),
                "of which it needs for one check": min(davy(folder, port, 1) for _ in range(3)),
                "blackbox_exporter": blackbox(folder, port, count)}
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    for what, figures in rows.items():
        if figures is None:
            yield {"what": what, "checks": "not installed"}
            continue
        took, cpu = figures
        asked = 1 if "one check" in what else count
        yield {"what": what, "checks": asked, "took": f"{took:.2f} s", "CPU": f"{cpu:.2f} s",
               "checks/s of a core": f"{asked / max(cpu, 0.01):,.0f}"}
