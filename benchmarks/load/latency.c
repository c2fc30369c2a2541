/* An open loop: message k is due at its moment of the schedule, whatever has come back by then.
 *
 * A latency is counted from the moment at which the message was due, not from the one at which it could be sent: a
 * server that stops for a while delays all the messages that were due meanwhile, and all of them count.  Message k goes
 * out on connection k modulo their number.  This program never sleeps, so no time of its own waking up is in the figures.
 */
#include "latencies.h"

/* Bytes of one connection: a position in its stream tells which byte of the noise it is. */
struct connection {
    int fd;
    size_t start;
    uint64_t due, sent, received;
};

static struct options options;
static size_t count, size;
static double rate, began;
static unsigned char *noise, *buffer;
static struct connection *connections;
static struct latencies latencies;
static struct window window;
static uint64_t scheduled, finished;

static size_t offset_of(const struct connection *connection, uint64_t position) {
    return (size_t)((connection->start + position) % NOISE);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static void send_due(struct connection *connection) {
    while (connection->sent < connection->due) {
        size_t offset = offset_of(connection, connection->sent);
        size_t length = smaller(connection->due - connection->sent, NOISE - offset);
        ssize_t taken = send(connection->fd, noise + offset, length, MSG_NOSIGNAL);
        if (taken < 0 && errno == EAGAIN)
            return;
        if (taken < 0)
            die("send: %s", strerror(errno));
        connection->sent += (uint64_t)taken;
    }
}

static void compare(const struct connection *connection, size_t length) {
    for (size_t done = 0; done < length;) {
        size_t offset = offset_of(connection, connection->received + done);
        size_t part = smaller(length - done, NOISE - offset);
        if (memcmp(buffer + done, noise + offset, part))
            die("the server changed a byte");
        done += part;
    }
}

static void receive_all(struct connection *connection) {
    ssize_t taken = recv(connection->fd, buffer, NOISE, 0);
    if (taken < 0 && errno == EAGAIN)
        return;
    if (taken < 0)
        die("recv: %s", strerror(errno));
    if (taken == 0)
        die("the server closed a connection");
    if (connection->received + (uint64_t)taken > connection->sent)
        die("the server sent more bytes than it was sent");
    compare(connection, (size_t)taken);
    double time = now();
    uint64_t first = connection->received / size, index = (uint64_t)(connection - connections);
    connection->received += (uint64_t)taken;
    for (uint64_t message = first; message < connection->received / size; message++) {
        double due = began + (double)(message * count + index) / rate;
        finished++;
        if (due >= window.warm_until)
            add_latency(&latencies, time - due);
    }
}

static void open_connections(int epoll) {
    struct sockaddr_in address = loopback(options.port);
    for (size_t i = 0; i < count; i++) {
        connections[i] = (struct connection){.fd = new_socket(), .start = random_next() % NOISE};
        if (connect(connections[i].fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
            die("connect: %s", strerror(errno));
        epoll_watch(epoll, connections[i].fd, &connections[i]);
    }
}

static void send_all_due(void) {
    for (double time = now(); began + (double)scheduled / rate <= time; scheduled++) {
        struct connection *connection = &connections[scheduled % count];
        connection->due += size;
        send_due(connection);
    }
}

int main(int argc, char **argv) {
    (void)argc;
    options = parse_options(argv);
    count = count_option(argv, "connections");
    size = count_option(argv, "size");
    rate = number_option(argv, "rate");
    noise = make_noise(0);
    buffer = allocate(NOISE, 1);
    connections = allocate(count, sizeof *connections);
    int epoll = new_epoll();
    open_connections(epoll);
    struct epoll_event events[512];
    window = open_window(&options);
    began = now();

    double heard = began;
    /* Once the time is over, each message still out is waited for, and counts. */
    while (!window.over || finished < scheduled) {
        if (!window.over)
            send_all_due();
        int ready = epoll_wait(epoll, events, 512, 0);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (events[i].events & EPOLLOUT)
                send_due(connection);
            receive_all(connection);
        }
        if (ready > 0)
            heard = now();
        else if (now() - heard > STALL_MS * 1e-3)
            die("the server did nothing for %d ms", STALL_MS);
        watch(&window, finished);
    }
    sort_latencies(&latencies);
    report(&window, ", \"p50\": %.9f, \"p90\": %.9f, \"p99\": %.9f, \"p999\": %.9f", percentile(&latencies, 0.5),
           percentile(&latencies, 0.9), percentile(&latencies, 0.99), percentile(&latencies, 0.999));
    return 0;
}
