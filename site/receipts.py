"""Receipts: behind each number of the findings, the rows of the table that it comes from and the command that makes them."""

import html
import re

import pandas as pd
from derivations import derive, split_name

from helpers.evidence.tables import RESULTS, read_table
from studies import forgetting_readout, sources_readout
from studies.census import SAMPLE
from tools.evidence import GAINS

LINK = re.compile(r'\[([^\]]+)\]\((\w+)\.csv "([^"]+)"\)')
TARGETS = {"odd → even": "02468", "even → odd": "13579"}
SHOWN = 60  # rows; of more, the first are shown, and the table is linked
ORIGINAL = {"softmax": "softmax", "original": "hidden layer of 500", "readme": "README's network"}
FEW = 12  # lines of a derivation; more are folded
HEADING = re.compile(r"^## (\d+)\. ", re.MULTILINE)
UNSAID = re.compile(  # in a heading: what all numbers of a study share
    r"^(\d+ (seeds|splits) ?.*|small network|mean of .*|5 pairs of seeds|the split is one repetition|100? labels|the same)$"
)


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
        Each finding can be linked to as #finding-NUMBER.
    pages : dict of str to str
        Markdown, by the study's name, and "index".
    """
    found = {}

    def to_receipt(finding):
        def link(match):
            text, study, title = match.groups()
            of_study = found.setdefault(study, {})
            number, _ = of_study.setdefault((text, title), (len(of_study) + 1, finding))
            return f'[{text}](#receipt-{study}-{number} "{title}")'

        return link

    opening, *parts = HEADING.split(page)
    sections = [opening]
    for finding, text in zip(parts[::2], parts[1::2]):
        sections.append(f"(finding-{finding})=\n## {finding}. {LINK.sub(to_receipt(finding), text)}")
    pages = {study: _page(study, studies[study], numbers) for study, numbers in found.items()}
    return "".join(sections), {"index": _index(found, studies), **pages}


def link_findings(page):
    """A page with links where it names findings: "Finding 3", "Findings 1 and 10"."""
    one = r"\d+\b(?! (?:of|to) \d)"

    def link(match):
        first, rest = match.group(1, 2)
        number = first.rpartition(" ")[2]
        return f"[{first}](#finding-{number})" + re.sub(r"\d+", r"[\g<0>](#finding-\g<0>)", rest)

    return re.sub(rf"\b(Findings? {one})((?:(?:, | and ){one})*)", link, page)


def _index(found, studies):
    rows = [f"| [{study}]({study}.md) | {studies[study]['question']} | {len(found[study])} |" for study in found]
    return "\n".join(
        [
            "# Receipts\n",
            "Each number of the [findings](../FINDINGS.md) has a receipt: what was computed, from which rows, and the command that makes"
            " these. One page a study:\n",
            "| study | question | numbers |",
            "|---|---|--:|",
            *rows,
            "\n```{toctree}\n:hidden:\n",
            *found,
            "```\n",
        ]
    )


def _page(study, about, numbers):
    """The receipts of one study."""
    table = read(study)
    question = about["question"] if about["question"].endswith("?") else f"{about['question']}."
    parts = [
        f"# Receipts: {study}",
        f"{question} {about['runs']:,} runs of {about['date']}, made by `{about['command']}` with"
        f" {'; '.join(about['versions'])}; `python -m studies --check {study}` repeats a sample of them. The whole table:"
        f" [{study}.csv](../{study}.csv); how it was made: [{study}.json](../{study}.json). Below is each number that the"
        " [findings](../FINDINGS.md) quote from it.",
    ]
    for (text, title), (number, finding) in numbers.items():
        rows = rows_behind(study, title, table)
        derivation = derive(text, study, title, rows)
        parts += [
            f"(receipt-{study}-{number})=",
            f"## Finding {finding}: {heading(text, title)}",
            derivation.words,
            _lines(derivation),
            f"*From* {_sources(rows)}: {title}.",
            _rows(rows),
            f"[Back to finding {finding}](#finding-{finding})",
        ]
    return "\n\n".join(parts) + "\n"


def heading(text, title):
    """A number and what it is of, such as "+0.8 (fine-tune − scratch, median)"."""
    if "share" in title.partition(":")[0]:  # the original program's table
        network, strategy, target, share = title.partition(":")[0].split(", ")
        said = dict.fromkeys([ORIGINAL[network], strategy, {"02468": "even", "13579": "odd"}[target]])
        return f"{text.partition(' (')[0]} ({', '.join(said)}, {share.removeprefix('share ')} % of the images)"
    title = title.replace("plain, the recipe's rate: old before, old", "the old task before and after")
    parts = re.split(r", |: ", title)
    said = [part for part in parts if not UNSAID.match(part)] or parts
    said.sort(key=lambda part: " − " not in part)  # the comparison first
    number = text.partition(" (")[0]
    if re.fullmatch(r"\d{5}", said[-1]):
        number, said[-1] = f"rank {number}", split_name(said[-1])
    return f"{number}{' splits' if '> 0' in title else ''} ({', '.join(said)})"


def _sources(rows):
    """Where rows stand, and the commands that make them: Markdown."""
    return " and ".join(
        f"{len(of_study):,} {'row' if len(of_study) == 1 else 'rows'} of [{study}.csv](../{study}.csv), made by `python -m studies {study}`"
        for study, of_study in rows.groupby("study", sort=False)
    )


def _lines(derivation):
    """The table of a derivation: HTML inside of Markdown."""
    shown = derivation.table.apply(lambda column: [_cell(column.name, value) for value in column])
    state = "" if len(shown) > FEW else " open"
    return f"```{{raw}} html\n<details{state}><summary>All {len(shown)} {derivation.lines}</summary>\n{_html(shown)}\n</details>\n```"


def _cell(column, value):
    if not isinstance(value, float):
        return str(value)
    signed = " − " in column or column == "points"
    return f"{value:{'+' if signed else ''}.2f}".replace("-", "−")


def _rows(rows):
    """Rows of a table, folded: HTML inside of Markdown."""
    columns = [name for name in rows.columns if name == "line" or (name != "study" and rows[name].any())]
    columns = ["study", *columns] if rows["study"].nunique() > 1 else columns
    summary = f"The {len(rows)} rows"
    if len(rows) > SHOWN:
        summary = f"The first {SHOWN} rows; {len(rows) - SHOWN:,} more are left out here"
    shown = _html(rows[columns].head(SHOWN))
    return f"```{{raw}} html\n<details><summary>{html.escape(summary)}</summary>\n{shown}\n</details>\n```"


def _html(table):
    return table.to_html(index=False, border=0, escape=True, classes="receipt")


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
    if targets and study != "census":  # a rank is one among all splits
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
    if "at its best" in title:
        best = sources_readout.gains_at_best_steps(read_table("sources")).loc[(rows["target"].iloc[0], 100)]
        chosen = rows["strategy"].map({name: f"{best[f'steps of {name}']:.0f}" for name in ("fine-tune", "scratch")})
        rows = rows[rows["steps"] == chosen]
    else:
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
