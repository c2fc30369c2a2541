/* Bytes through a relay: this program is the client before it and the sink behind it.
 *
 * It prints the sink's port, for the relay, and reads the relay's port and process id.
 * Each client sends as fast as the relay takes it; the sink compares all that comes.  At the end a client half-closes,
 * the sink must see the end after the last byte and answers, and the client must get the answer and then the end.
 */
#include "bulk.h"
#include <poll.h>

/* So much from the sink after the end of the stream. */
#define ANSWER 1000

struct end {
    struct connection *connection;
    int fd;
};

struct connection {
    struct end client, sink;
    uint64_t start, sent, received, answered;
    bool closing;
};

static int epoll, sink;
static uint64_t received;
static size_t open_now;

static int accept_at_sink(void) {
    struct pollfd ready = {.fd = sink, .events = POLLIN};
    if (poll(&ready, 1, STALL_MS) <= 0)
        die("the relay did not connect to the sink");
    return accept_one(sink);
}

/* One after the other: so the next connection at the sink is this one's. */
static void begin_connection(struct connection *connection, int port) {
    *connection = (struct connection){.start = random_next() % PERIOD};
    connection->client = (struct end){connection, connect_to(port)};
    connection->sink = (struct end){connection, accept_at_sink()};
    epoll_want(epoll, EPOLL_CTL_ADD, connection->client.fd, EPOLLIN | EPOLLOUT, &connection->client);
    epoll_want(epoll, EPOLL_CTL_ADD, connection->sink.fd, EPOLLIN, &connection->sink);
}

static void end_connection(struct connection *connection) {
    if (connection->answered != ANSWER)
        die("the relay ended after %d of %d bytes of the answer", (int)connection->answered, ANSWER);
    close(connection->client.fd);
    close(connection->sink.fd);
    open_now--;
}

static void send_stream(struct connection *connection, bool over) {
    if (over) {
        connection->closing = true;
        shutdown(connection->client.fd, SHUT_WR);
        epoll_want(epoll, EPOLL_CTL_MOD, connection->client.fd, EPOLLIN, &connection->client);
        return;
    }
    ssize_t count = send(connection->client.fd, bulk_at(connection->start + connection->sent), BULK, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN)
        die("send: %s", strerror(errno));
    if (count > 0)
        connection->sent += (uint64_t)count;
}

static void receive_answer(struct connection *connection) {
    ssize_t count = receive_and_compare(connection->client.fd, bulk_at(connection->answered), ANSWER - connection->answered);
    if (count == 0)
        end_connection(connection);
    if (count > 0)
        connection->answered += (uint64_t)count;
}

static void receive_stream(struct connection *connection) {
    uint64_t due = connection->sent - connection->received;
    ssize_t count = receive_and_compare(connection->sink.fd, bulk_at(connection->start + connection->received), due);
    if (count > 0) {
        connection->received += (uint64_t)count;
        received += (uint64_t)count;
    } else if (count == 0) {
        if (!connection->closing || due)
            die("the relay ended before its client, or %llu bytes early", (unsigned long long)due);
        epoll_want(epoll, EPOLL_CTL_DEL, connection->sink.fd, 0, NULL);
        if (send(connection->sink.fd, bulk_noise, ANSWER, MSG_NOSIGNAL) != ANSWER)
            die("send: %s", strerror(errno));
        shutdown(connection->sink.fd, SHUT_WR);
    }
}

static void progress(struct end *end, uint32_t events, bool over) {
    struct connection *connection = end->connection;
    if (end == &connection->sink)
        receive_stream(connection);
    else if (events & EPOLLOUT && !connection->closing)
        send_stream(connection, over);
    else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        receive_answer(connection);
}

int main(int argc, char **argv) {
    (void)argc;
    size_t count = count_option(argv, "connections");
    struct connection *connections = allocate(count, sizeof *connections);
    struct epoll_event events[64];
    bulk_prepare();
    epoll = new_epoll();
    sink = listen_and_tell();
    struct options options = read_options(argv);

    for (; open_now < count; open_now++)
        begin_connection(&connections[open_now], options.port);
    struct window window = open_window(&options);
    while (open_now) {
        int ready = epoll_events(epoll, events, 64);
        for (int i = 0; i < ready; i++)
            progress(events[i].data.ptr, events[i].events, window.over);
        watch(&window, received);
    }
    report(&window, "");
    return 0;
}
