"""Stands in for Grafana: its health and its search for dashboards, in the form of its HTTP API. It draws nothing.

  grafana.py --port 3000
"""
import web

TITLES = ("Real-Time Status", "Performance", "Business", "Infrastructure")


def dashboards(request):
    return 200, [{"id": number, "uid": f"deia-{number}", "title": title, "uri": "db/" + title.lower().replace(" ", "-"),
                  "url": f"/d/deia-{number}/" + title.lower().replace(" ", "-"), "slug": "", "type": "dash-db", "tags": [],
                  "isStarred": False, "sortMeta": 0} for number, title in enumerate(TITLES, 1)]


def health(request):
    return 200, {"commit": "0" * 10, "database": "ok", "version": "10.4.2"}


web.serve(__doc__, {("GET", "/api/health"): health, ("GET", "/api/search?type=dash-db"): dashboards,
                    "unknown": lambda request: (404, {"message": "Not found"})})
