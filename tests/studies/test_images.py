"""Stimulus images: what draws is taken, what runs, moves or leads elsewhere is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from micromask.core.errors import BadInputError
from micromask.studies.images import check_image

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


def svg(tmp_path: Path, inside: str, head: str = HEAD) -> Path:
    path = tmp_path / "picture.svg"
    path.write_text(f"{head}{inside}</svg>", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.JPEG", "a.webp"])
def test_pictures_that_browsers_draw_are_taken(tmp_path, name):
    Image.fromarray(np.full((9, 12, 3), 90, np.uint8)).save(tmp_path / name)
    check_image(tmp_path / name)


@pytest.mark.parametrize(
    "inside",
    [
        '<rect width="9" height="9" fill="#f00" style="stroke:#000;stroke-width:2"/>',
        '<defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><circle r="4" fill="url(#g)"/>',
        '<g id="a"><path d="M0 0h9"/></g><use href="#a"/><use xlink:href="#a"/>',
        "<style>rect { fill: #0f0; stroke: url(#g) }</style><text>a (b) c</text>",
        '<image href="data:image/png;base64,iVBORw0KGgo=" width="3" height="3"/>',
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>',
        '<text aria-label="from @ to">Ä &amp; ü</text><!-- a note -->',
    ],
)
def test_an_svg_that_only_draws_is_taken(tmp_path, inside):
    check_image(svg(tmp_path, inside))


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "has a <script>"),
        ('<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>', "has a <s:script>"),
        ('<g onload="alert(1)"/>', "<g> has onload, which runs a script"),
        ('<rect ONCLICK="alert(1)"/>', "which runs a script"),
        ('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>', "has a <foreignObject>"),
        ('<h:iframe xmlns:h="http://www.w3.org/1999/xhtml" src="http://a.b"/>', "has a <h:iframe>"),
        ('<a href="#x"><rect/></a>', "has a <a>"),
        ('<animate attributeName="href" to="javascript:alert(1)"/>', "has a <animate>"),
        ('<set attributeName="onclick" to="x"/>', "has a <set>"),
        ('<image href="http://a.b/c.png"/>', "a link out of the file"),
        ('<image xlink:href="//a.b/c.png"/>', "a link out of the file"),
        ('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>', "a link out of the file"),
        ('<image href="file:///etc/passwd"/>', "a link out of the file"),
        ('<use href="other.svg#a"/>', "a link out of the file"),
        ('<use href="data:image/png;base64,AAAA"/>', "a link out of the file"),
        ('<rect fill="url(http://a.b/c#d)"/>', "style that links out"),
        ("<rect style=\"fill:url('http://a.b/c')\"/>", "style that links out"),
        ('<rect fill="u\\72l(http://a.b)"/>', "may fetch"),
        ('<rect style="fill:\\75rl(x)"/>', "may fetch"),
        ("<style>@import 'http://a.b/c.css';</style>", "may fetch"),
        ("<style><![CDATA[rect{fill:url(http://a.b)}]]></style>", "style that links out"),
        ('<style>rect{background:image-set("http://a.b" 1x)}</style>', "may fetch"),
        ('<rect filter="java\nscript:alert(1)"/>', "has a script in it"),
        ('<g xml:base="http://a.b/"/>', "leads links elsewhere"),
        ("<?xml-stylesheet href='http://a.b'?>", "has an instruction <?xml-stylesheet?>"),
    ],
)
def test_an_svg_that_does_more_than_draw_is_refused(tmp_path, inside, told):
    with pytest.raises(BadInputError) as error:
        check_image(svg(tmp_path, inside))
    assert told in str(error.value)
    assert str(error.value).startswith("picture.svg: ")


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ('<?xml-stylesheet href="http://a.b/c.css"?>' + HEAD, "has an instruction"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + HEAD, "document type or entities"),
        ('<!DOCTYPE svg SYSTEM "http://a.b/c.dtd">' + HEAD, "document type or entities"),
        ("<svg>", "its outermost element is <svg>, wanted <svg> of http://www.w3.org/2000/svg"),
    ],
)
def test_what_stands_before_the_drawing_is_looked_at_too(tmp_path, head, told):
    with pytest.raises(BadInputError, match=told):
        check_image(svg(tmp_path, "", head))


def test_a_script_in_another_encoding_is_found(tmp_path):
    path = tmp_path / "a.svg"
    path.write_bytes(f'<?xml version="1.0" encoding="utf-16"?>{HEAD}<script/></svg>'.encode("utf-16"))
    with pytest.raises(BadInputError, match="has a <script>"):
        check_image(path)


def test_an_svg_of_many_levels_is_read_without_ado(tmp_path):
    check_image(svg(tmp_path, "<g>" * 20_000 + "</g>" * 20_000))


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.gif", b"GIF89a", "an image is .png, .jpg, .jpeg, .webp, .svg, got .gif"),
        ("a", b"", "got no ending"),
        ("a.html", b"<script>", "got .html"),
        ("a.png", b"", "is no PNG picture"),
        ("a.png", b"<svg/>", "is no PNG picture"),
        ("a.svg", b"", "is no SVG"),
        ("a.svg", b"<svg", "is no SVG"),
        ("a.svg", b"<html/>", "its outermost element is <html>"),
        ("a.svg", b" " * 2_000_001, "has 2,000,001 bytes, at most 2,000,000"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path, name, data, told):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInputError) as error:
        check_image(tmp_path / name)
    assert told in str(error.value)


def test_a_picture_of_another_kind_than_its_name_is_refused(tmp_path):
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    with pytest.raises(BadInputError, match="is no JPEG picture"):
        check_image(tmp_path / "a.jpg")


def test_a_picture_that_breaks_off_or_is_enormous_is_refused(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (99, 99, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:2000])
    with pytest.raises(BadInputError, match="is a broken PNG picture"):
        check_image(tmp_path / "a.png")
    Image.new("1", (10_001, 1)).save(tmp_path / "b.png")
    with pytest.raises(BadInputError, match="has 10001x1 px; make it smaller"):
        check_image(tmp_path / "b.png")


def test_a_picture_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadInputError, match="cannot be read: No such file"):
        check_image(tmp_path / "a.png")
