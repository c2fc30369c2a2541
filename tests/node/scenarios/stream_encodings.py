"""Text in and out of streams: characters cut between chunks, encodings set early, late and twice, unknown ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Writable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sockstream.stream.state import BufferedWrite
    from tests.node.lib import Role


def _open(high_water_mark: int = 100, **options: Any) -> Readable:
    return Readable(read=lambda size: None, high_water_mark=high_water_mark, **options)


def _push_bytes(stream: Readable, data: bytes) -> None:
    """Push the bytes one by one, in one tick."""
    for byte in data:
        stream.push(bytes([byte]))


def _bytewise(t: Role, encoding: str, data: bytes) -> None:
    """Watch a Readable with the encoding that gets the bytes one by one, then the end."""
    stream = t.watch(_open(encoding=encoding), encoding, "chunk")
    _push_bytes(stream, data)
    t.log(f"{encoding} buffered", stream.readable_length)
    stream.push(None)


def utf8_cut_at_each_byte(t: Role) -> None:
    _bytewise(t, "utf8", "aé你z".encode())


def utf8_pair_cut_at_each_byte(t: Role) -> None:
    stream = t.watch(_open(encoding="utf8"), "stream", "chunk")
    _push_bytes(stream, "a😀z".encode())
    stream.push(None)


def utf16_cut_at_each_byte(t: Role) -> None:
    stream = t.watch(_open(encoding="utf16le"), "stream", "data")
    _push_bytes(stream, "aé你z".encode("utf-16-le"))
    t.log("buffered", stream.readable_length)
    stream.push(None)


def base64_cut_at_each_byte(t: Role) -> None:
    _bytewise(t, "base64", bytes([1, 2, 3, 4, 250, 251, 252, 253]))


def base64url_cut_at_each_byte(t: Role) -> None:
    _bytewise(t, "base64url", bytes([250, 251, 252, 253, 254]))


def hex_cut_at_each_byte(t: Role) -> None:
    _bytewise(t, "hex", bytes([0, 1, 171, 255]))


def latin1_cut_at_each_byte(t: Role) -> None:
    _bytewise(t, "latin1", bytes([65, 233, 255]))


def ascii_cut_at_each_byte(t: Role) -> None:
    _bytewise(t, "ascii", bytes([65, 233, 127]))


def incomplete_at_the_end(t: Role) -> None:
    cut = {"utf8": b"a\xf0\x9f\x98", "utf16le": b"a\0\x60", "base64": b"\1\2\3\4", "base64url": b"\xff"}
    for encoding, data in cut.items():
        _bytewise(t, encoding, data)


def incomplete_alone_at_the_end(t: Role) -> None:
    stream = t.watch(_open(encoding="utf8"), "stream", "readable")
    stream.push(b"\xe4\xbd")
    t.log("buffered", stream.readable_length)
    stream.on("readable", lambda: t.log("read", stream.read()))
    t.turns(2, lambda: stream.push(None))


def incomplete_when_destroyed(t: Role) -> None:
    stream = t.watch(_open(encoding="utf8"), "stream", "chunk")

    def later() -> None:
        stream.push(b"a\xe4\xbd")
        stream.destroy()

    t.turns(2, later)


def invalid_bytes(t: Role) -> None:
    stream = t.watch(_open(encoding="utf8"), "stream", "data")
    for chunk in (b"a\xff", b"\xe4a", b"\xf0\x9f", b"\x98\x98\x80", b"\xc0\x80"):
        stream.push(chunk)
    stream.push(None)


def a_push_that_completes_nothing(t: Role) -> None:
    count = 0

    def read(size: int) -> None:
        nonlocal count
        count += 1
        t.log("_read", count)
        if count <= 3:
            t.log("push", stream.push("你".encode()[count - 1 : count]), stream.readable_length)
        else:
            stream.push(None)

    stream = Readable(encoding="utf8", high_water_mark=3, read=read)
    t.watch(stream, "stream", "chunk")


def set_encoding_decodes_what_is_buffered_and_what_follows(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    _push_bytes(stream, b"a\xe4\xbd")
    stream.set_encoding("utf8")
    t.state("set", stream, "readable_length", "readable_encoding")
    t.log("read", stream.read())
    stream.push(b"\xa0")
    t.log("read", stream.read())


def set_encoding_of_nothing_but_a_part(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    stream.push(b"\xe4\xbd")
    stream.set_encoding("utf8")
    t.log("read", stream.readable_length, stream.read())
    stream.push(b"\xa0")
    t.log("read", stream.readable_length, stream.read())


def set_encoding_after_a_partial_read(t: Role) -> None:
    stream = _open()
    stream.push("abcdef")
    stream.push("é")
    t.log("read", stream.read(2))
    stream.set_encoding("utf8")
    t.log("read", stream.readable_length, stream.read(3), stream.read())


def set_encoding_twice_before_data(t: Role) -> None:
    stream = t.watch(_open(encoding="hex"), "stream", "chunk")
    stream.set_encoding("utf8")
    t.state("set", stream, "readable_encoding")
    stream.push("é")


def set_encoding_after_the_end_of_the_source(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.push(b"a\xe4\xbd")
    stream.push(None)
    stream.set_encoding("utf8")
    t.state("set", stream, "readable_length")


def set_encoding_without_a_name(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.set_encoding()
    t.state("set", stream, "readable_encoding")
    stream.push("é")


def set_encoding_by_its_other_names(t: Role) -> None:
    names = (
        *("UTF8", "utf-8", "UTF-8", "ucs2", "UCS-2", "utf-16le"),
        *("binary", "Latin1", "HEX", "BASE64", "base64URL", "Ascii"),
    )
    for name in names:
        t.log(name, _open().set_encoding(name).readable_encoding)


def set_encoding_in_object_mode(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream", "chunk")
    stream.set_encoding("utf8")
    stream.push(b"a\xe4\xbd")
    stream.push(b"\xa0")
    stream.push("text")
    stream.push(None)


def unknown_encodings(t: Role) -> None:
    t.attempt("option", lambda: _open(encoding="nonsense"))
    stream = _open()
    stream.push("a")
    t.attempt("setEncoding", lambda: stream.set_encoding("nonsense"))
    t.attempt("push", lambda: stream.push("a", "nonsense"))
    t.attempt("unshift", lambda: stream.unshift("a", "nonsense"))
    t.state("state", stream, "readable_encoding", "readable_length", "destroyed")


def unknown_encoding_of_a_write(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream")
    t.attempt("write", lambda: stream.write("a", "nonsense"))
    t.attempt("setDefaultEncoding", lambda: stream.set_default_encoding("nonsense"))
    t.attempt("end", lambda: stream.end("a", "nonsense"))
    t.state("state", stream, "writable_length", "writable_ended", "destroyed")


def push_with_the_encoding_of_the_stream(t: Role) -> None:
    stream = t.watch(_open(encoding="hex"), "stream", "chunk")
    stream.push("0aFf", "hex")
    stream.push("not hex at all", "hex")
    stream.push("aGk=", "base64")
    stream.push("plain")
    t.state("state", stream, "readable_length")


def push_text_while_a_character_is_incomplete(t: Role) -> None:
    stream = t.watch(_open(encoding="utf8"), "stream", "data")
    stream.push(b"a\xe4\xbd")
    stream.push("text")
    stream.push(b"\xa0")
    stream.push(None)


def default_encoding_of_a_readable(t: Role) -> None:
    stream = t.watch(_open(default_encoding="hex"), "stream", "chunk")
    stream.push("616263")
    stream.push("616263", "utf8")
    stream.unshift("7a")


def unshift_of_text_in_front_of_text(t: Role) -> None:
    stream = t.watch(_open(encoding="utf8"), "stream", "data")
    stream.push("é")
    stream.unshift("你")
    stream.unshift("ff", "latin1")
    stream.unshift("c3a9", "hex")
    t.state("state", stream, "readable_length")
    stream.push(None)


def unshift_of_text_of_another_encoding(t: Role) -> None:
    stream = t.watch(_open(encoding="hex"), "stream", "chunk")
    stream.push("b")
    stream.unshift("a")
    stream.unshift("00ff", "hex")
    t.state("state", stream, "readable_length")


def unshift_while_a_character_is_incomplete(t: Role) -> None:
    stream = t.watch(_open(encoding="utf8"), "stream", "data")
    stream.push(b"a\xe4\xbd")
    stream.unshift("front")
    stream.push(b"\xa0")
    stream.push(None)


def _sink(t: Role, high_water_mark: int = 100, **options: Any) -> Writable:
    """Return a watched Writable that logs what it is given."""

    def write(chunk: Any, encoding: str, callback: Callable[[], None]) -> None:
        t.log("written", chunk, encoding)
        callback()

    stream: Writable = t.watch(Writable(write=write, high_water_mark=high_water_mark, **options), "sink")
    return stream


def write_in_every_encoding(t: Role) -> None:
    stream = _sink(t)
    texts = {
        "utf8": "é你",
        "utf16le": "é你",
        "latin1": "éÿ",
        "ascii": "aé",
        "hex": "0aFFzz",
        "base64": "aGk",
        "base64url": "_-8",
    }
    for encoding, text in texts.items():
        stream.write(text, encoding, t.callback(encoding))
    stream.end("Zm8=", "base64")


def write_by_other_names(t: Role) -> None:
    stream = _sink(t)
    for name in ("UTF8", "utf-8", "UCS2", "Latin1", "binary"):
        t.attempt(name, partial(stream.write, "é", name))


def set_default_encoding_of_a_writable(t: Role) -> None:
    stream = _sink(t)
    t.log("same", stream.set_default_encoding("HEX") is stream)
    stream.write("616263")
    stream.write("616263", "utf8")
    stream.set_default_encoding("latin1")
    stream.end("é")


def default_encoding_option_of_a_writable(t: Role) -> None:
    stream = _sink(t, default_encoding="base64")
    stream.write("aGk=")
    stream.write(b"bytes")
    stream.end("aGk=", "utf8")


def decode_strings_off_with_a_default_encoding(t: Role) -> None:
    stream = _sink(t, decode_strings=False, default_encoding="hex")
    stream.write("616263")
    stream.write("é", "utf8")
    stream.write(b"bytes")
    stream.write(b"bytes", "latin1")
    t.state("state", stream, "writable_length")


def decode_strings_off_while_corked(t: Role) -> None:
    def writev(chunks: Sequence[BufferedWrite], callback: Callable[[], None]) -> None:
        t.log("writev", [[each.chunk, each.encoding] for each in chunks])
        callback()

    stream = t.watch(Writable(writev=writev, decode_strings=False), "sink")
    stream.cork()
    stream.write("abc", "hex")
    stream.write("def")
    stream.write(b"x")
    stream.end("last", "latin1")


def objects_may_have_an_encoding(t: Role) -> None:
    stream = _sink(t, object_mode=True)
    stream.write("text", "latin1")
    stream.write(5, "hex")
    t.attempt("unknown", lambda: stream.write("text", "nonsense"))


def through_a_pass_through_that_decodes(t: Role) -> None:
    stream = t.watch(PassThrough(encoding="hex"), "stream", "chunk")
    stream.write("é")
    stream.write("ff", "hex")
    stream.set_encoding("base64")
    stream.end("a", "latin1")


def pipe_from_a_decoding_source(t: Role) -> None:
    source = _open(encoding="utf8")
    source.pipe(_sink(t, decode_strings=False))
    _push_bytes(source, "é你".encode())
    source.push(None)


def pipe_from_a_decoding_source_of_hex(t: Role) -> None:
    source = _open(encoding="hex")
    source.pipe(_sink(t))
    source.push("é")
    source.push(None)


def unshift_of_text_that_is_no_character(t: Role) -> None:
    stream = t.watch(_open(encoding="utf16le"), "stream", "chunk")
    t.turns(2, lambda: t.log("unshift", stream.unshift("a"), stream.readable_length))
