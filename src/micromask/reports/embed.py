"""What a page holds inside itself: figures as JSON, and plotly.js."""

from __future__ import annotations

import json
import pkgutil
from typing import Any

from markupsafe import Markup


def script_json(value: Any) -> Markup:
    """JSON that is safe inside a script element.

    >>> print(script_json({"a": "</script>"}))
    {"a":"\\u003c/script\\u003e"}
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def plotly_script() -> Markup:
    """plotly.js as the plotly package ships it."""
    script = pkgutil.get_data("plotly", "package_data/plotly.min.js")
    if script is None:
        raise FileNotFoundError("plotly/package_data/plotly.min.js")
    return Markup(script.decode("utf-8").replace("</script", r"<\/script"))
