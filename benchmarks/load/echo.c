/* A closed loop on open connections: each sends a message, waits until all of it has come back, sends the next. */
#include "common.h"

struct connection {
    int fd;
    struct message message;
};

static struct options options;
static size_t count, size;
static const unsigned char *noise;
static unsigned char *buffer;
static uint64_t round_trips;
static size_t waiting;

static void begin_message(struct connection *connection) {
    connection->message = (struct message){.bytes = noise + random_next() % NOISE};
    send_some(connection->fd, &connection->message, size);
}

static void progress(struct connection *connection, bool over) {
    struct message *message = &connection->message;
    send_some(connection->fd, message, size);
    if (message->received == size || !receive_some(connection->fd, message, size, buffer))
        return;
    round_trips++;
    if (over)
        waiting--;
    else
        begin_message(connection);
}

static struct connection *open_connections(int epoll) {
    struct connection *connections = allocate(count, sizeof *connections);
    for (size_t i = 0; i < count; i++) {
        connections[i].fd = connect_to(options.port);
        connections[i].message.received = size; /* none on its way */
        connections[i].message.sent = size;
        epoll_watch(epoll, connections[i].fd, &connections[i]);
    }
    return connections;
}

int main(int argc, char **argv) {
    (void)argc;
    options = parse_options(argv);
    count = count_option(argv, "connections");
    size = count_option(argv, "size");
    noise = make_noise(size);
    buffer = allocate(size + 1, 1);
    int epoll = new_epoll();
    struct connection *connections = open_connections(epoll);
    struct epoll_event events[512];
    struct window window = open_window(&options);

    waiting = count;
    for (size_t i = 0; i < count; i++)
        begin_message(&connections[i]);
    /* Once the time is over each message still out is waited for, so every byte is checked. */
    while (waiting) {
        int ready = epoll_events(epoll, events, 512);
        for (int i = 0; i < ready; i++)
            progress(events[i].data.ptr, window.over);
        watch(&window, round_trips);
    }
    for (size_t i = 0; i < count; i++)
        close(connections[i].fd);
    report(&window, "");
    return 0;
}
