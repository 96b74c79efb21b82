"""requirements.tsv of an example holds: each row of the runbook is there once, names a line of a plan, and what shows it is there.

  check_requirements                        by recorded.tsv, what `examples/run NAME --record` saw last
  check_requirements --recorded FILE        by what was seen just now

What shows a row (its last column):
  RUN PATH STATUS        a step of the run that is called so, a rule (judge/…) or a letter (notice/…), and what came of it
  ctest NAME [CASE]      a test of this repository, and the case in it
  later WORD             what it comes with; the plan's line is then the comment that says so
No more than a quarter of an area's rows name the same one. DAVY_BUILD is the build whose tests are asked for.
"""
import argparse
import collections
import glob
import os
import re
import subprocess
import sys

from play import BUILD, ROOT


def rows(path):
    with open(path) as text:
        first, *lines = [line.rstrip("\n").split("\t") for line in text]
    return [dict(zip(first, line, strict=True)) for line in lines]


def said(*command):
    return subprocess.run(command, cwd=BUILD, capture_output=True, text=True, timeout=60).stdout


def listed_tests():
    """What ctest lists. Not asked of ctest itself, which may be running this: a second one overwrites the first's log."""
    files = glob.glob(os.path.join(BUILD, "**", "CTestTestfile.cmake"), recursive=True)
    return {name for one in files for name in re.findall(r"^add_test\((?:\[=*\[)?([^\s\]]+)", open(one).read(), re.M)}


class Shown:
    """What may show a requirement."""

    def __init__(self, recorded, runs, later):
        self.runs, self.later = runs, later
        self.events = {(one["run"], one["step"], one["status"]) for one in rows(recorded)}
        self.tests = listed_tests()
        self.cases = {}

    def wrong(self, by):
        """Why this shows nothing; None: it does."""
        kind, _, what = by.partition(" ")
        if kind in self.runs:
            path, _, status = what.rpartition(" ")
            return None if (kind, path, status) in self.events else "the recorded run has no such event"
        if kind == "ctest":
            return self.no_test(*what.split(" ", 1))
        if kind == "later":
            return None if what in self.later else f"comes with one of {', '.join(self.later)}"
        return f"it begins with {', '.join(self.runs)}, ctest or later"

    def no_test(self, name, case=""):
        if name not in self.tests:
            return "ctest lists no such test"
        return None if not case or case in self.cases_of(name) else "the test has no such case"

    def cases_of(self, name):
        if name not in self.cases:
            program = os.path.join(BUILD, name)
            script = os.path.join(ROOT, "tests", name.removesuffix("_test").removesuffix("_real"), "run")
            text = said(program, "--gtest_list_tests") if os.path.exists(program) else said(script, "--list")
            self.cases[name] = set(cases(text))
        return self.cases[name]


def cases(text):
    """Of a script the first word of each line; of a GoogleTest program SUITE.CASE."""
    suite = ""
    for line in filter(str.strip, text.splitlines()):
        word = line.split()[0]
        if not line.startswith(" "):
            suite = word if word.endswith(".") else ""
        yield suite + word if line.startswith(" ") else word


def mistakes(ids, table, plan, shown):
    there = [row["id"] for row in table]
    yield from (f"{one}: no such row of the runbook" for one in there if one not in ids)
    yield from (f"{one}: stands there {there.count(one)} times" for one in ids if there.count(one) != 1)
    for row in table:
        if row["plan"] not in plan:
            yield f"{row['id']}: the plan has no line `{row['plan']}`"
        if row["shown"].startswith("later ") != row["plan"].startswith("# "):
            yield f"{row['id']}: what comes later has a comment for its line, and nothing else has"
        if why := shown.wrong(row["shown"]):
            yield f"{row['id']}: `{row['shown']}`: {why}"
    yield from crowded(table)


def crowded(table):
    size = collections.Counter(row["area"] for row in table)
    named = collections.Counter((row["area"], row["shown"]) for row in table if not row["shown"].startswith("later "))
    for (area, by), count in named.items():
        if count > max(1, size[area] // 4):
            yield f"{area}: {count} of {size[area]} rows name `{by}`"


def check(here, ids, plans, runs, later):
    """`ids` are the runbook's rows, `plans` files of plans, `runs` what the example's are called, `later` words that may be named."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--recorded", default=os.path.join(here, "recorded.tsv"))
    given = options.parse_args()
    if not os.path.isdir(BUILD):
        sys.exit(f"check_requirements: there is no build at {BUILD}: `make build`, or DAVY_BUILD=…")
    table = rows(os.path.join(here, "requirements.tsv"))
    plan = [line.strip() for name in plans for line in open(os.path.join(here, name))]
    found = list(mistakes(ids, table, plan, Shown(given.recorded, runs, later)))
    for one in found:
        print(one, file=sys.stderr)
    kinds = collections.Counter(row["shown"].split(" ")[0] for row in table)
    print(f"{len(table)} requirements: {sum(kinds[run] for run in runs)} shown by the runs, {kinds['ctest']} by tests, "
          f"{kinds['later']} come later")
    sys.exit(1 if found else 0)
