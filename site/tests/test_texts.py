"""The site's own pages: the first one, the laboratory's, the licences."""

import pytest
import staging


@pytest.mark.parametrize("name", ["index.html", "lab.html"])
def test_a_picture_and_a_button_lead_to_the_laboratory(name, visit):
    one = visit()
    page = one.open(name)
    picture = page.locator("article img").first
    assert picture.get_attribute("alt").startswith(("The laboratory: ", "Draw: "))
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
    button = page.get_by_role("link", name="Open the laboratory")
    assert button.evaluate("link => getComputedStyle(link).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert button.get_attribute("href") == "lab/index.html"
    assert one.faults == []


@pytest.mark.parametrize("repository", ["", "someone/transfer"])
def test_the_whole_project_is_a_link_where_it_has_an_address(repository, monkeypatch):
    monkeypatch.setattr(staging, "get_repository", lambda: repository)
    wanted = (
        "[the whole project](https://github.com/someone/transfer)" if repository else "your copy of the whole project"
    )
    assert staging.project() == wanted


def test_what_needs_no_network_needs_one_for_the_set_up(visit):
    assert (
        "Once it is set up, all of it works without a network"
        in visit().open("index.html").locator("article").inner_text()
    )
    text = visit().open("lessons/index.html").locator("article").inner_text()
    assert "After the set-up, nothing needs a network." in text and "once and with a network" in text


def test_the_licence_is_not_coloured_as_a_program(visit):
    licence = visit().open("licences.html").locator("article .highlight pre")
    assert "Permission is hereby granted" in licence.inner_text()
    assert licence.locator("span[class]").count() == 0


def test_the_footer_dates_studies_and_names_the_versions_of_the_chapters(visit):
    footer = visit().open("notebooks/07_from_numpy_to_tensorflow.html").locator("body").inner_text()
    assert "Studies of 20" in footer and "Outputs of the chapters: NumPy" in footer and "TensorFlow" in footer
