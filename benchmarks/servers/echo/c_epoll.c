/* Echo: what the kernel allows: one thread, level-triggered epoll, no memory for a connection but what waits. */
#include "base.h"

#define BUFFER (256 * 1024)

/* What the kernel did not take at once. */
struct connection {
    int fd;
    size_t begin, end;
    unsigned char *waiting;
};

static int epoll;
static unsigned char buffer[BUFFER];

static void want(struct connection *connection, uint32_t what) {
    struct epoll_event event = {.events = what, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_MOD, connection->fd, &event);
}

static void forget(struct connection *connection) {
    close(connection->fd);
    free(connection->waiting);
    free(connection);
}

static void accept_all(int listener) {
    for (int fd; (fd = accept_one(listener)) >= 0;) {
        struct connection *connection = allocate(1, sizeof *connection);
        connection->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
            die("epoll_ctl: %s", strerror(errno));
    }
}

static void echo(struct connection *connection) {
    ssize_t count = recv(connection->fd, buffer, BUFFER, 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0) {
        forget(connection);
        return;
    }
    ssize_t taken = send(connection->fd, buffer, (size_t)count, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) {
        forget(connection);
        return;
    }
    if (taken < 0)
        taken = 0;
    if (taken == count)
        return;
    connection->begin = 0;
    connection->end = (size_t)(count - taken);
    connection->waiting = allocate(connection->end, 1);
    memcpy(connection->waiting, buffer + taken, connection->end);
    want(connection, EPOLLOUT);
}

static void flush(struct connection *connection) {
    size_t due = connection->end - connection->begin;
    ssize_t taken = send(connection->fd, connection->waiting + connection->begin, due, MSG_NOSIGNAL);
    if (taken < 0 && errno == EAGAIN)
        return;
    if (taken < 0) {
        forget(connection);
        return;
    }
    connection->begin += (size_t)taken;
    if (connection->begin < connection->end)
        return;
    free(connection->waiting);
    connection->waiting = NULL;
    want(connection, EPOLLIN);
}

int main(void) {
    struct epoll_event events[1024];
    epoll = new_epoll();
    int listener = listen_and_tell();
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event))
        die("epoll_ctl: %s", strerror(errno));
    for (;;) {
        int count = epoll_wait(epoll, events, 1024, -1);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection)
                accept_all(listener);
            else if (connection->waiting)
                flush(connection);
            else
                echo(connection);
        }
    }
}
