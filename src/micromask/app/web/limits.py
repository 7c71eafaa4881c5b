"""Most bytes of a body, by a pattern of its path; where none fits, `guard.BODY_LIMIT`."""

from __future__ import annotations

from micromask.app.web.guard import MEBIBYTE
from micromask.app.workspace.uploads import MOST_BYTES

LIMITS = {
    r"/api/uploads": MOST_BYTES,
    r"/api/live/[0-9a-f]+/(frames|film)/[0-9]+": 8 * MEBIBYTE,
    r"/api/live/[0-9a-f]+/snapshots": 16 * MEBIBYTE,
    r"/api/images/[0-9]+/pictures": 64 * MEBIBYTE,
    r"/api/models/file": 2048 * MEBIBYTE,
    r"/studies/[^/]+/api/recordings/[0-9]+/chunks/[0-9]+": 32 * MEBIBYTE,
    r"/studies/[^/]+/api/sessions/[0-9]+/camera": 4 * MEBIBYTE,
}
"""The first pattern that is the whole path counts. In order: a film; a frame, piece or snapshot of the live view; a
picture; a model's file; a chunk of a session's film, a picture of its camera check."""
