/* The other end of programs that connect: accept, take one message and send it back, wait for the end, close.
 *
 * The peer is told this port, so this program comes first.  The message is 0, 1, 2, ... modulo 256.
 */
#include "common.h"
#include <signal.h>

struct connection {
    int fd;
    size_t received;
};

static size_t size;
static unsigned char *expected, *buffer;
static uint64_t finished;
static int epoll;

static void accept_all(int listener) {
    for (int fd; (fd = accept_one(listener)) >= 0;) {
        struct connection *connection = allocate(1, sizeof *connection);
        connection->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
            die("epoll_ctl: %s", strerror(errno));
    }
}

static void progress(struct connection *connection) {
    ssize_t count = recv(connection->fd, buffer, size + 1, 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count < 0)
        die("recv: %s", strerror(errno));
    if (count == 0) {
        if (connection->received < size)
            die("the client ended after %zu of %zu bytes", connection->received, size);
        finished++;
        close(connection->fd);
        free(connection);
        return;
    }
    if (connection->received + (size_t)count > size)
        die("the client sent more than its message");
    if (memcmp(buffer, expected + connection->received, (size_t)count))
        die("the client changed a byte");
    connection->received += (size_t)count;
    if (send(connection->fd, buffer, (size_t)count, MSG_NOSIGNAL) != count)
        die("send: %s", strerror(errno));
}

int main(int argc, char **argv) {
    (void)argc;
    size = count_option(argv, "size");
    expected = allocate(size, 1);
    buffer = allocate(size + 1, 1);
    for (size_t i = 0; i < size; i++)
        expected[i] = (unsigned char)i;
    epoll = new_epoll();
    int listener = listen_and_tell();
    struct epoll_event event = {.events = EPOLLIN}, events[512];
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event))
        die("epoll_ctl: %s", strerror(errno));
    struct options options = read_options(argv);
    struct window window = open_window(&options);
    while (!window.over) {
        int ready = epoll_events(epoll, events, 512);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr)
                progress(events[i].data.ptr);
            else
                accept_all(listener);
        }
        watch(&window, finished);
    }
    /* A client would complain if its server went away before it. */
    kill(options.pid, SIGTERM);
    report(&window, "");
    return 0;
}
