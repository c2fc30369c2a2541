"""Which modules are compiled."""

__all__ = ["HOT"]

# What runs for each chunk or each connection.  A class between two of these that has slots must be here too.
HOT = (
    "events",
    "loop",
    "net.handle_stream",
    "net.handles.base",
    "net.handles.diverting",
    "net.handles.kernel",
    "net.handles.listener",
    "net.handles.opening",
    "net.handles.polled",
    "net.handles.poller",
    "net.idle",
    "net.on_read",
    "net.server",
    "net.socket",
    "net.socket_settings",
    "stream.base",
    "stream.buffer",
    "stream.destroy",
    "stream.duplex",
    "stream.pipe",
    "stream.readable",
    "stream.readable_properties",
    "stream.reading_modes",
    "stream.state",
    "stream.transform",
    "stream.writable",
    "stream.writable_properties",
)
