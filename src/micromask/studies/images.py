"""Which pictures may be shown as a stimulus: ones that a browser draws and that do nothing else."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError

SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".svg": "SVG"}
LARGEST_FILE = 20_000_000
LARGEST_SVG = 2_000_000
LARGEST_SIDE = 10_000

SVG = "http://www.w3.org/2000/svg"
XML = "http://www.w3.org/XML/1998/namespace"

SHAPES = frozenset(
    ("svg", "g", "defs", "symbol", "use", "title", "desc", "metadata", "style", "switch", "image", "pattern", "mask")
    + ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath", "marker")
    + ("linearGradient", "radialGradient", "stop", "clipPath", "filter", "feBlend", "feColorMatrix", "feComposite")
    + ("feComponentTransfer", "feDropShadow", "feFlood", "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur")
    + ("feMerge", "feMergeNode", "feMorphology", "feOffset", "feTile", "feTurbulence")
)
"""Elements of SVG that draw or describe, and neither run, move nor lead anywhere."""

EDITORS = (
    "http://www.inkscape.org/namespaces/inkscape",
    "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://creativecommons.org/ns#",
    "http://web.resource.org/cc/",
    "http://purl.org/dc/elements/1.1/",
)
"""Namespaces in which drawing programs note things of their own; browsers do nothing with them."""

_PICTURE = re.compile(r"data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*")
_URL = re.compile(r"url\s*\(\s*['\"]?\s*(?P<at>[^'\")\s]*)", re.IGNORECASE)


def check_image(path: Path) -> None:
    """Refuse a picture that is none, that a browser does not draw, or that does more than to be seen.

    Parameters
    ----------
    path : Path
        png, jpg, webp or svg. Of an svg only elements that draw are taken, without scripts, events, animation, foreign
        contents, document types, style sheets from elsewhere and links that leave the file.

    Raises
    ------
    BadInputError
        Saying what is wrong with it.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInputError(f"{path.name}: an image is {', '.join(SUFFIXES)}, got {path.suffix or 'no ending'}")
    try:
        size = path.stat().st_size
        most = LARGEST_SVG if suffix == ".svg" else LARGEST_FILE
        if size > most:
            raise BadInputError(f"{path.name}: has {size:,} bytes, at most {most:,} are taken; make it smaller")
        if suffix == ".svg":
            _check_svg(path.name, path.read_bytes())
        else:
            _check_pixels(path, SUFFIXES[suffix])
    except OSError as error:
        raise BadInputError(f"{path.name}: cannot be read: {error.strerror or error}") from None


def _check_pixels(path: Path, kind: str) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=[kind]) as picture:
                if max(picture.size) > LARGEST_SIDE:
                    raise BadInputError(f"{path.name}: has {picture.size[0]}x{picture.size[1]} px; make it smaller")
                picture.load()
    except (UnidentifiedImageError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise BadInputError(f"{path.name}: is no {kind} picture that can be shown; save it again") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise BadInputError(f"{path.name}: is a broken {kind} picture ({error}); save it again") from None


def _check_svg(name: str, data: bytes) -> None:
    from xml.dom import Node
    from xml.parsers.expat import ExpatError

    from defusedxml.common import DefusedXmlException
    from defusedxml.minidom import parseString

    try:
        document = parseString(data, forbid_dtd=True)
    except DefusedXmlException:
        raise BadInputError(f"{name}: has a document type or entities; save it as plain SVG") from None
    except (ExpatError, ValueError, LookupError) as error:
        raise BadInputError(f"{name}: is no SVG ({error})") from None
    top = document.documentElement
    if top.namespaceURI != SVG or top.localName != "svg":
        raise BadInputError(f"{name}: is no SVG: its outermost element is <{top.tagName}>, wanted <svg> of {SVG}")
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if node.nodeType == Node.PROCESSING_INSTRUCTION_NODE:
            raise BadInputError(f"{name}: has an instruction <?{node.target}?>; take it out")
        if node.nodeType == Node.ELEMENT_NODE:
            _check_element(name, node)
        waiting += node.childNodes


def _check_element(name: str, element: Any) -> None:
    space, tag = element.namespaceURI, element.localName
    if space not in EDITORS and (space != SVG or tag not in SHAPES):
        raise BadInputError(f"{name}: has a <{element.tagName}>, which does more than draw; take it out")
    if tag == "style":
        _check_style(name, "".join(each.data for each in element.childNodes if hasattr(each, "data")))
    for attribute in element.attributes.values():
        told = f"{name}: <{element.tagName}> has {attribute.name}"
        key, value = attribute.localName.lower(), attribute.value.strip()
        if key.startswith("on"):
            raise BadInputError(f"{told}, which runs a script; take it out")
        if key == "base" and attribute.namespaceURI in (XML, None):
            raise BadInputError(f"{told}, which leads links elsewhere; take it out")
        if key in ("href", "src") and not value.startswith("#"):
            if tag != "image" or not _PICTURE.fullmatch(value):
                raise BadInputError(f"{told} with a link out of the file ({value[:40]}); put the picture itself in")
        elif key not in ("href", "src") and attribute.namespaceURI is None:
            _check_style(told, value, sheet=key == "style")


def _check_style(told: str, text: str, *, sheet: bool = True) -> None:
    """Refuse style that fetches something; ``sheet``: it is a style sheet or a list of properties, not one value."""
    links = [found["at"] for found in _URL.finditer(text)]
    if any(not link.startswith("#") for link in links):
        raise BadInputError(f"{told}: style that links out of the file; take it out")
    lower = text.lower()
    wrong = ("image(", "image-set(", "src(", "expression(") + (("@", "\\", "/*") if sheet else ())
    if any(sign in lower for sign in wrong) or ("\\" in text and "(" in text):
        raise BadInputError(f"{told}: style that may fetch or run something; write plain properties only")
    if "javascript:" in "".join(lower.split()):
        raise BadInputError(f"{told}: has a script in it; take it out")
