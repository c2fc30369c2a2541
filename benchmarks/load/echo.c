/* A closed loop on open connections: each sends a message, waits until all of it has come back, sends the next. */
#include "common.h"

struct connection {
    int fd;
    struct message message;
};

static struct options options;
static const unsigned char *noise;
static unsigned char *buffer;
static uint64_t round_trips;
static size_t waiting;

static void begin_message(struct connection *connection) {
    connection->message = (struct message){.bytes = noise + random_next() % NOISE};
    send_some(connection->fd, &connection->message, options.size);
}

static void progress(struct connection *connection, bool over) {
    struct message *message = &connection->message;
    send_some(connection->fd, message, options.size);
    if (message->received == options.size || !receive_some(connection->fd, message, options.size, buffer))
        return;
    round_trips++;
    if (over)
        waiting--;
    else
        begin_message(connection);
}

static struct connection *open_connections(int epoll) {
    struct connection *connections = calloc(options.connections, sizeof *connections);
    struct sockaddr_in address = loopback(options.port);
    if (!connections)
        die("out of memory");
    for (size_t i = 0; i < options.connections; i++) {
        connections[i].fd = new_socket();
        connections[i].message.received = options.size; /* none on its way */
        connections[i].message.sent = options.size;
        /* On the loopback interface a handshake is over when connect returns, unless the backlog is full. */
        if (connect(connections[i].fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
            die("connect: %s", strerror(errno));
        epoll_watch(epoll, connections[i].fd, &connections[i]);
    }
    return connections;
}

int main(int argc, char **argv) {
    options = parse_options(argc, argv);
    noise = make_noise(options.size);
    buffer = malloc(options.size + 1);
    int epoll = new_epoll();
    struct connection *connections = open_connections(epoll);
    struct epoll_event events[512];
    struct window window = open_window(&options);

    waiting = options.connections;
    for (size_t i = 0; i < options.connections; i++)
        begin_message(&connections[i]);
    /* Once the time is over each message still out is waited for, so every byte is checked. */
    while (waiting) {
        int count = epoll_events(epoll, events, 512);
        for (int i = 0; i < count; i++)
            progress(events[i].data.ptr, window.over);
        watch(&window, round_trips);
    }
    for (size_t i = 0; i < options.connections; i++)
        close(connections[i].fd);
    report(&window);
    return 0;
}
