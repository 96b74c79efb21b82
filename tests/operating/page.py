"""The worked examples of docs/operating.md, as they stand there: what is typed, with which exit code, and what it says."""
import getpass
import os
import re
import shlex

PAGE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "docs", "operating.md")
# The page's names, and those of the stage on which it is carried out.
NAMES = {"shop": "storefront", "production": "stage", "kim": getpass.getuser()}
# Figures are another matter each time, but for versions and what a rule asks.
TOKEN = re.compile(r"(?P<any>\s?…\s?)|(?P<run>\d{8}-\d{6}-\w{3})|(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z?)|(?P<version>4\.0\.\d)"
                   r"|(?P<rule>latency\.p95 > 30ms)|(?P<figure>\d+(?:\.\d+)?)|(?P<name>\w+)|(?P<other>.|\s)")


def pattern(line):
    """What a line of the page asks of a line that was said. A run of its own is `run`, in whatever is said."""
    out = ""
    for token in TOKEN.finditer(line):
        kind, text = token.lastgroup, token[0]
        out += {"any": ".*", "run": r"\d{8}-\d{6}-\w{3}", "time": r"[\dT:.Z-]+", "figure": r"\d+(?:\.\d+)?",
                "name": re.escape(NAMES.get(text, text))}.get(kind, re.escape(text))
    return out


class Typed:
    def __init__(self, line):
        command, _, remark = line[2:].partition("  # ")
        code = re.search(r"exit (\d)", remark)
        self.line, self.code, self.says = line, int(code[1]) if code else 0, []
        self.words = shlex.split(command)[1:]

    def command(self, run):
        """For the stage; where the page names a run, `run` is meant."""
        return [re.sub(r"^\d{8}-\d{6}-\w{3}$", run, NAMES.get(word, word)) for word in self.words]


def example(title):
    """The commands of the example that begins with these words in bold."""
    with open(PAGE) as f:
        section = f.read().split("### Worked examples\n")[1].split("\n### ")[0]
    text = section.split(f"**{title}**")[1].split("\n**")[0]
    out = []
    for line in re.search(r"```\n(.*?)```", text, re.S)[1].splitlines():
        if line.startswith("$ davy "):
            out.append(Typed(line))
        elif line.strip() not in ("", "…"):
            out[-1].says.append(line)
    assert out, f"the example {title} types nothing"
    return out


def titles():
    with open(PAGE) as f:
        return re.findall(r"(?m)^\*\*(.+?)\*\*", f.read().split("### Worked examples\n")[1].split("\n### ")[0])


def blocks(beginning):
    """What stands in fences behind these words, as text."""
    with open(PAGE) as f:
        text = f.read().split(beginning, 1)[1]
    return [re.sub(r"(?m)^  ", "", block) if indent else block
            for indent, block in re.findall(r"(?ms)^(  )?```\w*\n(.*?)^(?:  )?```", text)]


def sections(config):
    """HAProxy's configuration: the first line of each section, and the lines below it."""
    out = {}
    for line in config.splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            out[line.strip()] = lines = []
        elif line.strip() and not line.strip().startswith("#"):
            lines.append(line.strip())
    return out
