"""The manual page `lmnt-say(1)`: options, events and samples from the program, the rest from `about_*`."""

from __future__ import annotations

from completions.make import about_behaviour as behaviour
from completions.make.about_options import MORE, WAYS_BACK
from completions.make.options import Program
from completions.make.picture import sample_lines
from completions.make.recipes import RECIPES, Paste, Recipe
from completions.make.roff import escape, example, option_entry, page, prose, section, shown, terms
from lmnt_cli import __version__
from lmnt_cli.core.figures.event_log import COMMON, SCHEMA, VERSION
from lmnt_cli.core.figures.statistics import FIGURES


_EVENTS = f"""\
With --events, a JSON object is written on a line of its own as soon as something happens:

    {{"t":0.213,"event":"sound","utterance":1,"start":0.0}}

FILE may be a descriptor, such as fd:3. This is version {VERSION} of the schema; fields are only ever added.
A reader that pauses stops nothing: up to 1 MiB is held for it; what is beyond that is dropped and counted.
The API key is in no event.

Every event has
"""

_FIGURES = """\
The figures of "end", which --stats prints too, are null where they are not known:
"""


def manual(program: Program) -> str:
    """Return the whole page."""
    body = [
        "[\\fIOPTIONS\\fR] [\\fITEXT\\fR...]",
        *section("DESCRIPTION", behaviour.DESCRIPTION),
        ".SH OPTIONS",
        *(line for option in program.options for line in option_entry(option, MORE.get(option.long, ""))),
        ".PP",
        *prose(WAYS_BACK),
        *section("TEXT", behaviour.TEXT),
        *section("OUTPUT", behaviour.OUTPUT),
        *section("PLAYING", behaviour.PLAYING),
        *section("CONNECTION", behaviour.CONNECTION),
        *section("STATUS LINE", behaviour.STATUS_LINE.format(lines=sample_lines())),
        *_events(),
        *section("CONFIGURATION", behaviour.CONFIGURATION),
        ".SH ENVIRONMENT",
        *terms(behaviour.ENVIRONMENT),
        ".SH FILES",
        *terms(behaviour.FILES),
        ".PP",
        *prose(behaviour.FILES_ELSEWHERE),
        ".SH EXIT STATUS",
        *terms(behaviour.EXIT_STATUS),
        ".SH SIGNALS",
        *terms(behaviour.SIGNALS),
        *section("NOTES", behaviour.NOTES),
        ".SH EXAMPLES",
        *(line for task, command in behaviour.EXAMPLES for line in example(task, command)),
        ".SH RECIPES",
        *(line for recipe in RECIPES for line in _recipe(recipe)),
        ".SH SEE ALSO",
        ".BR lmnt\\-local (1)",
    ]
    summary = program.summary.partition(":")[0]
    return page("lmnt-say", __version__, summary[:1].lower() + summary[1:], "lmnt-say", body)


def _events() -> list[str]:
    """Return the section about events: each with its fields and their units."""
    lines = [
        *section("EVENTS", _EVENTS),
        *terms(COMMON.items()),
        ".PP",
        "The events and their own fields are",
    ]
    for event, described in SCHEMA.items():
        lines += [".TP", f"\\fB{escape(event)}\\fR"]
        fields = [f"\\fI{escape(field)}\\fR: {escape(meaning)}" for field, meaning in described.items()]
        lines.append("\n.br\n".join(fields) or "(no field of its own)")
    return [*lines, ".PP", *prose(_FIGURES), *terms(FIGURES.items())]


def _recipe(recipe: Recipe) -> list[str]:
    lines = [f".SS {escape(recipe.title)}"]
    for part in recipe.parts:
        lines += shown(part.lines) if isinstance(part, Paste) else [".PP", *prose(part)]
    return lines
