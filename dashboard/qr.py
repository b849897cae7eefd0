"""Pictures that a phone reads: the secret of a second factor, drawn here and sent nowhere."""

from __future__ import annotations

import segno

QUIET_ZONE = 4  # modules of white around it, without which phones do not find it


def qr_picture(text: str) -> str:
    """Return a QR code as SVG without styles or scripts; it stays black on white in the dark.

    It is made of numbers alone, the text being in the modules: a template may take it as it is.
    """
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(scale=4, border=QUIET_ZONE, dark="black", light="white")
