"""cli/screen.py: whose line is whose, and what a peer may put on our screen."""

from __future__ import annotations

from sockstream.cli.screen import Labels, TextDecoder


def shown(*items: tuple[str, str]) -> str:
    """Return what a screen makes of what peers send, in order."""
    labels = Labels()
    return "".join(labels.add(name, text) for name, text in items)


def test_every_line_has_its_peer() -> None:
    assert shown(("a", "one\ntwo\n"), ("b", "three\n")) == "a one\na two\nb three\n"


def test_a_line_in_pieces_is_one_line() -> None:
    assert shown(("a", "o"), ("a", "ne\nt"), ("a", "wo\n")) == "a one\na two\n"


def test_who_speaks_in_between_gets_a_line() -> None:
    assert shown(("a", "one"), ("b", "two\n"), ("a", "more\n")) == "a one\nb two\na more\n"


def test_text_is_decoded_over_chunks_and_made_safe() -> None:
    decode = TextDecoder()
    assert decode(b"\xe4\xbd") == ""
    assert decode(b"\xa0\xff\r\n\tx") == "你\ufffd\n\tx"
    assert decode(b"\x1b[2J\x07\r\x7f\xc2\x9b") == "␛[2J␇\n␡\ufffd"


def test_a_line_end_in_pieces() -> None:
    decode = TextDecoder()
    assert decode(b"a\r") + decode(b"\nb\rc\r") + decode(b"d") == "a\nb\nc\nd"
