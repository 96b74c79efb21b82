// Prometheus' text format: requests by path and status, and how long they took.
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 5, 10];
const BEGAN = Math.floor(Date.now() / 1000); // tells a restart from several processes by turns

class Metrics {
  constructor() {
    this.requests = new Map();
    this.times = new Map();
  }

  count(path, status, seconds) {
    const name = `path="${path}",status="${status}"`;
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    const time = this.times.get(path) ?? { buckets: BOUNDS.map(() => 0), sum: 0, count: 0 };
    BOUNDS.forEach((bound, i) => (time.buckets[i] += seconds <= bound));
    time.sum += seconds;
    time.count++;
    this.times.set(path, time);
  }

  page() {
    const out = ["# TYPE process_start_time_seconds gauge", `process_start_time_seconds ${BEGAN}`, "# TYPE http_requests_total counter"];
    for (const [name, count] of this.requests) out.push(`http_requests_total{${name}} ${count}`);
    out.push("# TYPE http_request_duration_seconds histogram");
    for (const [path, { buckets, sum, count }] of this.times) {
      const of = (bound) => `http_request_duration_seconds_bucket{path="${path}",le="${bound}"}`;
      buckets.forEach((so_many, i) => out.push(`${of(BOUNDS[i])} ${so_many}`));
      out.push(`${of("+Inf")} ${count}`);
      out.push(`http_request_duration_seconds_sum{path="${path}"} ${sum}`, `http_request_duration_seconds_count{path="${path}"} ${count}`);
    }
    return out.join("\n") + "\n";
  }
}

module.exports = { Metrics };
