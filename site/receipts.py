"""Receipts: behind each number of the findings what was computed, from which rows, and the command that makes these."""

import html

import pandas as pd

from helpers.evidence.tables import RESULTS
from tools import findings

SHOWN = 60  # rows; of more, the first are shown, and the table is linked
FEW = 12  # lines of a sum; more are folded


def receipts(found, studies):
    """The page of findings with each number a link to its receipt, and the pages of receipts.

    Parameters
    ----------
    found : dict
        As `findings.findings` gives it.
    studies : dict of str to dict
        The stored `results/NAME.json`.

    Returns
    -------
    page : str
        Each finding can be linked to as #finding-NUMBER.
    pages : dict of str to str
        Markdown, by the study's name, and "index".
    """
    numbers = {}  # by study, then by text and title: the place on its page, the finding, and the citation
    for number, finding in enumerate(found.values(), 1):
        for citation in finding.citations():
            of_study = numbers.setdefault(citation.study, {})
            of_study.setdefault((citation.text, citation.title), (len(of_study) + 1, number, citation))

    def to_receipt(citation):
        place, _, _ = numbers[citation.study][citation.text, citation.title]
        return f'[{citation.text}](#receipt-{citation.study}-{place} "{citation.title}")'

    page = findings.page(found, to_receipt, anchor="(finding-{})=")
    pages = {study: _page(study, studies[study], of_study.values()) for study, of_study in numbers.items()}
    return page, {"index": _index(numbers, studies), **pages}


def _index(numbers, studies):
    rows = [f"| [{study}]({study}.md) | {studies[study]['question']} | {len(numbers[study])} |" for study in numbers]
    return "\n".join(
        [
            "# Receipts\n",
            "Each number of the [findings](../FINDINGS.md) has a receipt: what was computed, from which rows, and the command that makes"
            " these. One page a study:\n",
            "| study | question | numbers |",
            "|---|---|--:|",
            *rows,
            "\n```{toctree}\n:hidden:\n",
            *numbers,
            "```\n",
        ]
    )


def _page(study, about, numbers):
    """The receipts of one study."""
    question = about["question"] if about["question"].endswith("?") else f"{about['question']}."
    parts = [
        f"# Receipts: {study}",
        f"{question} {about['runs']:,} runs of {about['date']}, made by `{about['command']}` with"
        f" {'; '.join(about['versions'])}; `python -m studies --check {study}` repeats a sample of them. The whole table:"
        f" [{study}.csv](../{study}.csv); how it was made: [{study}.json](../{study}.json). Below is each number that the"
        " [findings](../FINDINGS.md) quote from it.",
    ]
    shared = set.intersection(*(set(citation.where) for _, _, citation in numbers))
    for place, finding, citation in numbers:
        found = citation.sum
        said = ", ".join([found.says, *(part for part in citation.where if part not in shared)])
        number, interval, _ = citation.text.partition(" (")
        if interval:
            interval = f" The finding says {citation.text}: in brackets stands the 95 % interval over {found.over}."
        parts += [
            f"(receipt-{study}-{place})=",
            f"## Finding {finding}: {number} ({said})",
            found.words + interval,
            _table(_shown(found.table), f"All {len(found.table)} {found.lines}", len(found.table) <= FEW),
            f"*From* {_sources(citation.rows)}: {citation.title}.",
            _rows(citation.rows),
            f"[Back to finding {finding}](#finding-{finding})",
        ]
    return "\n\n".join(parts) + "\n"


def _sources(rows):
    """Where rows stand, and the commands that make them: Markdown."""
    return " and ".join(
        f"{count:,} {'row' if count == 1 else 'rows'} of [{study}.csv](../{study}.csv), made by `python -m studies {study}`"
        for study, count in rows["study"].value_counts(sort=False).items()
    )


def _shown(table):
    """The table of a sum as text: differences with their sign."""

    def cell(column, value):
        signed = "+" if " − " in column or column == "points" else ""
        return f"{value:{signed}.2f}".replace("-", "−") if isinstance(value, float) else str(value)

    return table.apply(lambda column: [cell(column.name, value) for value in column])


def _rows(rows):
    """Rows of stored tables as they stand in their files, with the number of each line: folded."""
    shown = pd.concat(read(study).loc[of_study.index] for study, of_study in rows.groupby("study", sort=False))
    columns = [name for name in shown.columns if shown[name].any() and (name != "study" or shown[name].nunique() > 1)]
    summary = f"The {len(rows)} rows"
    if len(rows) > SHOWN:
        summary = f"The first {SHOWN} rows; {len(rows) - SHOWN:,} more are left out here"
    return _table(shown[columns].head(SHOWN), summary)


def _table(table, summary, is_open=False):
    """A table below a summary, which folds it: HTML inside of Markdown."""
    shown = table.to_html(index=False, border=0, classes="receipt")
    state = " open" if is_open else ""
    return f"```{{raw}} html\n<details{state}><summary>{html.escape(summary)}</summary>\n{shown}\n</details>\n```"


def read(study):
    """A stored table as text, with the number of each line in the file."""
    table = pd.read_csv(RESULTS / f"{study}.csv", dtype=str, keep_default_na=False)
    table.insert(1, "line", range(2, len(table) + 2))
    return table
