"""File streams: files read and written at the pace of the other end of a pipe. Node: the streams of `fs`.

Every call on a file that may wait for a disk runs in the loop's executor, never on the loop's thread; its result comes
back as an entry.  A stream has one such call in flight at most, and destroying it waits for that call before the
descriptor is closed.
"""

from sockstream.fs.options import ReadStreamOptions, WriteStreamOptions
from sockstream.fs.read_stream import ReadStream, create_read_stream
from sockstream.fs.write_stream import WriteStream, create_write_stream

__all__ = [
    "ReadStream",
    "ReadStreamOptions",
    "WriteStream",
    "WriteStreamOptions",
    "create_read_stream",
    "create_write_stream",
]
