"""What a page makes of a notebook: what is safe, what is a claim, what is a question, whose a notebook is."""

from __future__ import annotations

from collections import Counter

import pytest

from tools import lab
from tools.report.figures import body, figure
from tools.report.prose import Heading, Outline, badges, markdown, slug
from tools.report.tables import table, tally

ROW = '<table><thead><tr><th>claim</th><th>verdict</th></tr></thead><tbody><tr data-claim="A1" data-verdict="{0}"><td>A1</td><td>{0}</td></tr></tbody></table>'


def test_a_question_has_a_number_and_an_anchor_of_its_own() -> None:
    outline = Outline()
    markdown("# Report B - Factors\n\n## Exercise 1.2 - The SVD\n\n## Exercise 1.2 - Again\n\n## Summary", outline)
    assert (outline.title, outline.letter) == ("Report B – Factors", "B")
    assert [(heading.id, heading.number) for heading in outline.headings] == [
        ("exercise-1-2", "1.2"), ("exercise-1-2-2", "1.2"), ("summary", ""),
    ]  # fmt: skip
    assert slug("Σ", ["section"]) == "section-2"


def test_raw_html_is_text_and_scripts_are_no_links() -> None:
    html = markdown("<script>x</script>\n\n[a](javascript:x) [b](lab2_report_a.ipynb#q) $x^2$", Outline())
    assert "<script" not in html and 'href="javascript:' not in html
    assert 'href="lab2_report_a.html#q"' in html and "<math" in html


def test_markup_outside_the_list_is_taken_out() -> None:
    evil = '<table onclick="x"><tr><td title="t"><img src=x onerror=x><a href="x">y</a><script>z</script></td></tr></table>'
    block, claims = table({"text/html": evil}, "n.csv", None)
    assert claims == []
    for word in ("onclick", "onerror", "<img", "<script", "href"):
        assert word not in block["html"]


def test_a_claim_has_a_badge_and_is_counted_once() -> None:
    question = Heading("q", "1.1", "Q", 2)
    block, claims = table({"text/html": ROW.format("right")}, "n.csv", question)
    assert 'class="badge right"' in block["html"] and 'data-head="verdict"' in block["html"]
    assert tally(claims + claims) == question.verdicts == Counter(right=1)
    assert "right" in badges(question.verdicts)
    with pytest.raises(ValueError, match="the verdict must be one of"):
        table({"text/html": ROW.format("perhaps")}, "n.csv", question)


def test_a_table_of_sentences_names_its_columns_for_cards() -> None:
    row = "<tr><td>29</td><td>{}</td><td>A12-gd</td><td>wrong</td></tr>"
    heads = "".join(f"<th>{name}</th>" for name in ("lines", "statement", "claim", "verdict"))
    short, long = (
        str(table({"text/html": f"<table><thead><tr>{heads}</tr></thead><tbody>{row.format(words)}</tbody></table>"}, "n", None)[0]["html"])
        for words in ("The loss falls.", "The loss falls. " * 5)
    )
    assert 'class="sentences"' in long and '<td data-head="claim">A12-gd</td>' in long and "badge wrong" in long
    assert "sentences" not in short and "data-head" not in short


def test_a_picture_says_its_title_and_loses_it_to_the_caption() -> None:
    svg = (
        '<svg width="720" height="440" viewBox="0 0 720 440"><title>a &lt; b</title><desc>It falls.</desc>'
        '<view id="body" viewBox="0 34 720 406"/></svg>'
    )
    block = figure({"image/svg+xml": svg, "text/plain": "plain"})
    assert (block["title"], block["description"], block["height"]) == ("a < b", "It falls.", None)
    assert body(svg).startswith('<svg width="720" height="406" viewBox="0 34 720 406">')
    assert body("<svg/>") == "<svg/>"


def test_the_projects_notebooks_are_listed_and_there() -> None:
    assert len(lab.contents()) == len(set(lab.contents())) >= 6
    assert all((lab.NOTEBOOKS / f"{name}.ipynb").is_file() for name in lab.contents())
