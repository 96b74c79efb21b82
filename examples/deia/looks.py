"""What the story looks up: the database, what users met, what Slack and the mail server took, how long things took."""
import datetime
import os
import re
import subprocess
import urllib.request

from story import Story
from until import until

HERE = os.path.dirname(os.path.realpath(__file__))
OWNER = "owner@deia.example"
SIGNS = {"STARTED": "started", "COMPLETE": "done", "ROLLED BACK": "rolled-back", "is being deployed": "started", "serves in": "done",
         "was taken back": "rolled-back", "held": "held"}  # by which a notice is known


def about(text):
    """The version that a notice is about: the first that it names."""
    found = re.search(r"(?:Version: |controller )(\d+\.\d+\.\d+)", text)
    return found[1] if found else ""


class Looks(Story):
    HERE = HERE
    NOT_SECRET = ("OLLAMA_URL",)

    def __init__(self, stage):
        super().__init__(stage)
        self.measured = []  # what, how long

    def davy_here(self, *words):
        went = subprocess.run([self.stage.program, *words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return went.returncode, went.stdout

    def by_the_link(self, run):
        """The owner opens the link in the mail, which answers nothing yet, and presses the button."""
        def of_owner():
            return next((one["text"] for one in self.stage.lines(self.stage.mail) if one["to"] == [OWNER]), None)

        letter = until("the letter to the owner", of_owner)
        link = re.search(r"https://ops.deia.example/davy(\S*)", letter)[1]
        url = f"http://127.0.0.1:{self.stage.ports['ANSWERS']}{link}"
        with urllib.request.urlopen(url, timeout=10) as page:
            self.see("the link in the mail shows what would be approved", True, "1.1.0" in page.read().decode())
        self.see("that it was opened answers nothing", True, bool(self.waits_for(run, "production-owner")))
        with urllib.request.urlopen(url, b"note=go+ahead", timeout=10) as page:
            self.see("the button does", True, "Noted" in page.read().decode())

    def asks(self, run):
        told = self.status(run)
        return told if any("--data" in one for one in told.get("commands", [])) else None

    def end_of(self, name, run, ending):
        until(f"{name} has ended", lambda: self.status(run).get("ended"))
        told = self.runs[name] = self.status(run)
        self.see(f"{name}: ending", ending, told.get("ending"))

    def took(self, name, since):
        """From then until the run's end, when the previous release was verified."""
        at = [datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (since, self.runs[name]["ended"])]
        return (at[1] - at[0]).total_seconds()

    def measure(self, what, seconds):
        self.measured.append((what, seconds))
        self.say(f"measured: {what}: {seconds:.1f} s")

    def down_for(self, since):
        """The longest time without a request that was answered well, as users met it."""
        well = [one["at"] + one["took"] for one in self.stage.asked(since) if one["status"] == 200]
        return max(after - before for before, after in zip(sorted(well), sorted(well)[1:]))

    def errors(self, since):
        return sum(one["status"] == 500 for one in self.stage.asked(since))

    def count(self, what):
        return int(self.stage.sql("deia_prod", f"select count(*) from {what}"))

    def column(self, table, name):
        where = f"table_name = '{table}' and column_name = '{name}'"
        return self.stage.sql("deia_prod", f"select exists (select from information_schema.columns where {where})")

    def has_table(self, name):
        return self.stage.sql("deia_prod", f"select to_regclass('{name}') is not null")

    def slack(self, channel):
        return [one for one in self.stage.lines("var/log/deia/slack.jsonl") if channel in one["path"]]

    def recorded(self):
        """Slack's as well: by the version that each is about."""
        yield from super().recorded()
        for channel in ("DEPLOYMENT", "ALERTS"):
            for name, told in self.runs.items():
                all_texts = [one["body"]["text"] for one in self.slack(channel)]
                texts = [text for text in all_texts if about(text) == told["version"]]
                words = {word for text in texts for sign, word in SIGNS.items() if sign in text}
                yield from sorted((name, "slack/" + channel.lower(), word) for word in words)

    def notices_of_channel(self):
        texts = [one["body"]["text"] for one in self.slack("DEPLOYMENT")]
        return texts if "1.6.0" in texts[-1] and "started" not in texts[-1] else None

    def tell(self):
        super().tell()
        self.say("")
        for what, seconds in self.measured:
            self.say(f"{what.ljust(80)} {seconds:5.1f} s")
