"""An example from its beginning to its end: the stage is made, the chapters are played, the table is told, and all is ended."""
import argparse
import os
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.path.realpath(os.environ.get("DAVY_BUILD", os.path.join(ROOT, "build", "release")))
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
SKIPPED = 77  # ctest: it cannot be played here


class Skipped(Exception):
    """It cannot be played here: why."""


def options(doc):
    given = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--keep", action="store_true", help="leave what was written")
    given.add_argument("--record", action="store_true", help="write recorded.tsv")
    return given.parse_args()


def play(name, doc, lacks, make_stage, make_story, chapters, setup="tools/setup"):
    """`chapters` are names of functions of the story, in their order; setup: what installs what it takes."""
    given = options(doc)
    if not os.path.exists(os.path.join(BUILD, "davy")):
        sys.exit(f"examples/run {name}: there is no davy at {BUILD}: `make build`, or DAVY_BUILD=…")
    if lacks:
        sys.exit(f"examples/run {name}: {', '.join(lacks)} missing: `{setup}` installs them")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is started is ended on that path, too
    stage = make_stage(os.path.join(BUILD, "davy"))
    story = make_story(stage)
    begun = time.monotonic()
    well = False
    try:
        stage.set_up()
        stage.begin()
        for chapter in chapters:
            getattr(story, chapter)()
        story.requirements(given.record)
        well = True
    except Skipped as why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    except (AssertionError, KeyError, OSError, subprocess.SubprocessError) as problem:
        print(f"\nNOT AS EXPECTED: {problem}", file=sys.stderr, flush=True)
    finally:
        left = stage.end(given.keep)
    story.tell()
    if given.keep:
        print("\nleft in", left)
    print(f"\n{'all as expected' if well else 'FAILED'}, in {time.monotonic() - begun:.0f} s")
    sys.exit(0 if well else 1)
