"""Receipts: behind each number of the findings, the rows of the table that it comes from and the command that makes them."""

import html
import re

import pandas as pd

from studies import forgetting_readout
from studies.census import SAMPLE
from studies.tables import RESULTS, read_table
from tools.evidence import GAINS

LINK = re.compile(r'\[([^\]]+)\]\((\w+)\.csv "([^"]+)"\)')
TARGETS = {"odd → even": "02468", "even → odd": "13579"}
SHOWN = 60  # rows; of more, the first are shown, and the table is linked


def receipts(page, studies):
    """The page of findings with each number a link to its receipt, and the pages of receipts.

    Parameters
    ----------
    page : str
        FINDINGS.md.
    studies : dict of str to dict
        The stored `results/NAME.json`.

    Returns
    -------
    page : str
    pages : dict of str to str
        Markdown, by the study's name.
    """
    found = {}

    def to_receipt(link):
        text, study, title = link.groups()
        of_study = found.setdefault(study, {})
        number = of_study.setdefault((text, title), len(of_study) + 1)
        return f'[{text}](#receipt-{study}-{number} "{title}")'

    page = LINK.sub(to_receipt, page)
    toctree = "\n".join(["", "```{toctree}", ":hidden:", *(f"receipts/{study}" for study in found), "```", ""])
    return page + toctree, {study: _page(study, studies[study], numbers) for study, numbers in found.items()}


def _page(study, about, numbers):
    """The receipts of one study."""
    table = read(study)
    parts = [
        f"# Receipts: {study}",
        f"{about['question']}. {about['runs']:,} runs of {about['date']}, made by `{about['command']}` with"
        f" {'; '.join(about['versions'])}; `python -m studies --check {study}` repeats a sample of them. The whole table:"
        f" [{study}.csv](../{study}.csv); how it was made: [{study}.json](../{study}.json). Below is each number that the"
        " [findings](../FINDINGS.md) quote, with the rows that it comes from; `line` is a row's line in the table of its study.",
    ]
    for (text, title), number in numbers.items():
        rows = rows_behind(study, title, table)
        parts += [f"(receipt-{study}-{number})=", f"## {text}", f"{title}.", _rows(rows, study)]
    return "\n\n".join(parts) + "\n"


def _rows(rows, study):
    """Rows of a table, folded: HTML inside of Markdown."""
    columns = [name for name in rows.columns if name == "line" or rows[name].any()]  # without the empty ones
    count = f"{len(rows):,} rows of {study}.csv"
    if len(rows) > SHOWN:
        count += f", the first {SHOWN} of them here"
    shown = rows[columns].head(SHOWN).to_html(index=False, border=0, escape=True)
    return f"```{{raw}} html\n<details><summary>{html.escape(count)}</summary>\n{shown}\n</details>\n```"


def read(study):
    """A stored table as text, with the number of each line in the file."""
    table = pd.read_csv(RESULTS / f"{study}.csv", dtype=str, keep_default_na=False)
    table.insert(1, "line", range(2, len(table) + 2))
    return table


def rows_behind(study, title, table):
    """The rows that the title of a link in the findings names.

    Parameters
    ----------
    study, title : str
    table : pandas.DataFrame
        As `read` gives it.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        No row is so named.
    """
    if study == "labels" and title.startswith("convnet"):  # its control, the kernel, needs no network
        rows = rows_behind("labels_cnn", title.replace("frozen − kernel", "frozen"), read("labels_cnn"))
        return pd.concat([rows, rows_behind(study, title.replace("convnet", "").replace("frozen − ", ""), table)])
    strategies = _strategies(title, table)
    if study == "census" and title.endswith("fine-tune and frozen"):
        strategies.append("scratch")
    if study == "features" and "change wins" in title:
        strategies.append("trained")
    if study == "forgetting" and not strategies:
        strategies = ["plain"]  # what is fitted afterwards stands in columns of the same rows
    if not strategies and {"fine-tune", "scratch"} <= set(table["strategy"]):
        strategies = ["fine-tune", "scratch"]  # the study's main gain
    rows = table[table["strategy"].isin(strategies)]
    targets = [target for arrow, target in TARGETS.items() if arrow in title] + re.findall(r"\b\d{5}\b", title)
    if targets:
        rows = rows[rows["target"].isin(targets)]
    if labels := re.search(r"([\d,]+|all) (?:a class|labels)\b", title):
        rows = rows[rows["labels"] == labels.group(1).replace(",", "")]
    if "5 pairs of seeds" in title:
        rows = rows[rows["seed"].astype(int) < 5]
    rows = OWN_RULES.get(study, lambda rows, title: rows)(rows, title)
    if rows.empty:
        raise ValueError(f"site/receipts.py finds no rows of {study}.csv for the title {title!r}")
    return rows


def _strategies(title, table):
    """Those that a title names, by the table's words or the README's."""
    for name, methods in GAINS.items():
        if f": {name}, median" in title:
            return list(methods)
    every = table["strategy"].unique()
    return [name for name in every if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", title)]


def _of_census(rows, title):
    if "README's network" in title:
        drawn = set(SAMPLE) - set(TARGETS.values())  # the pair was not drawn
        rows = rows[rows["target"].isin(drawn)]
    rows = rows[rows["network"].isin(["readme" if "README's network" in title else "small", ""])]
    left_out = rows["source"].str.len() == 4
    if "digits left out" in title or title.startswith("the same"):
        return rows[(rows["target"].isin(SAMPLE)) & (rows["labels"] == "10")]
    return rows[~left_out & (rows["labels"] == "10")]


def _of_sources(rows, title):
    if "at its best" not in title:
        steps = re.search(r"([\d,]+) steps", title)
        rows = rows[rows["steps"] == (steps.group(1).replace(",", "") if steps else "300")]
    named = [option for option in rows["option"].unique() if f": {option}, " in title] or ["intact"]
    control = ["pixels of both permuted" if named == ["pixels of both permuted"] else "intact"]
    from_source = rows["strategy"].isin(["frozen", "fine-tune"])
    return rows[(from_source & rows["option"].isin(named)) | (~from_source & rows["option"].isin(control))]


def _of_layers(rows, title):
    same, scratch = rows["source"] == rows["target"], rows["strategy"] == "scratch"
    at_cut = rows["cut"] == re.search(r"cut (\d)", title).group(1)
    return rows[scratch | (at_cut & (same if "other frozen" not in title else True))]


def _of_forgetting(rows, title):
    best = forgetting_readout.at_best_rate(read_table("forgetting")).index
    at_rate = (rows["rate"] == "0.002") & (rows["strength"] == "0")
    return rows[at_rate | (rows.index.isin(best) & (rows["strategy"] == "l2"))]


def _of_original(rows, title):
    network, _, _, share = title.split(": ")[0].split(", ")
    return rows[
        rows["network"].isin([network.replace("softmax", "")]) & (rows["share"] == share.removeprefix("share "))
    ]


OWN_RULES = {
    "census": _of_census,
    "sources": _of_sources,
    "layers": _of_layers,
    "forgetting": _of_forgetting,
    "original": _of_original,
}
