"""The page as it is served: built where it was built of this source, in the reader's language, compressed."""

import gzip
import re
import shutil

import pytest
from starlette.requests import Request

from photochrom.web.routes.page import STATIC, Page, digest_source


def ask(page, **headers):
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return page.respond(Request({"type": "http", "headers": raw}))


@pytest.fixture
def page(tmp_path):
    """A page built of a source of one word."""
    for folder in ("js", "css", "texts"):
        (tmp_path / "static" / folder).mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("source")
    (tmp_path / "built").mkdir()
    for code in ("en", "de"):
        (tmp_path / "built" / f"index.{code}.html").write_text(code)
    (tmp_path / "built" / "source.txt").write_text(digest_source(tmp_path / "static"))
    return Page(tmp_path / "static", tmp_path / "built")


def test_the_first_language_that_there_is(page):
    assert ask(page, accept_language="fr-FR,de-AT;q=0.8,en;q=0.5").body == b"de"
    assert ask(page, accept_language="fr").body == ask(page).body == b"en"
    packed = ask(page, accept_language="de", accept_encoding="br, gzip")
    assert gzip.decompress(packed.body) == b"de"
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Language, Accept-Encoding"


@pytest.mark.parametrize("change", ["js/new.js", "texts/fr.js", "index.html"])
def test_a_build_of_another_source_is_not_taken(page, change):
    (page.static / change).write_text("other")
    assert ask(page).body == (page.static / "index.html").read_bytes()


def test_without_a_build_the_source_is_served(page):
    shutil.rmtree(page.built)
    assert ask(page).body == b"source"


def test_files_are_compressed_and_asked_about_again(service):
    import httpx

    answer = httpx.get(f"{service.url}/static/css/base.css")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-cache"


def test_the_built_page_has_words_and_few_files(service):
    import httpx

    if not Page().languages:
        pytest.skip("the page of the service is not built of this source: run  make page  (needs Node 20)")
    page = httpx.get(service.url, headers={"Accept-Language": "de-DE"})
    assert 'lang="de"' in page.text
    assert "Alten Fotos ihre Farben geben" in page.text
    linked = set(re.findall(r'(?:src|href)="(built/[^"]+|static/(?:js|css)/[^"]+)"', page.text))
    assert all(path.startswith("built/") for path in linked)
    # a script, the words, two sheets, and what the script shares with the words
    assert 4 <= len(linked) <= 6
    for path in linked:
        answer = httpx.get(f"{service.url}/{path}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert set(Page().languages) == {path.stem for path in (STATIC / "texts").glob("*.js")}
