/* A closed loop of a server that passes each message on to everybody: one client sends it, all of them, the sender too,
 * must get it, then the next client sends another.  What is counted is deliveries: a message that reached one client. */
#include "crowd.h"

struct connection {
    int fd;
    struct message message;
};

static struct options options;
static const unsigned char *noise;
static unsigned char *buffer;
static struct connection *connections;
static size_t count, size;
static uint64_t deliveries;
static int epoll;

/* Clients are accepted in the order in which they connect: when the last one is heard, all are there. */
static void join_all(void) {
    int *descriptors = allocate(count, sizeof *descriptors);
    open_crowd(&options, descriptors, count);
    for (size_t i = 0; i < count; i++) {
        connections[i].fd = descriptors[i];
        epoll_watch(epoll, descriptors[i], &connections[i]);
    }
    free(descriptors);
}

/* Send a message, and wait until all have it. */
static void broadcast(struct connection *sender, struct window *window) {
    const unsigned char *bytes = noise + random_next() % NOISE;
    struct epoll_event events[512];
    size_t waiting = count;
    for (size_t i = 0; i < count; i++)
        connections[i].message = (struct message){.bytes = bytes, .sent = size};
    sender->message.sent = 0;
    send_some(sender->fd, &sender->message, size);
    while (waiting) {
        int ready = epoll_events(epoll, events, 512);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            struct message *message = &connection->message;
            send_some(connection->fd, message, size);
            if (message->received < size && receive_some(connection->fd, message, size, buffer)) {
                deliveries++;
                waiting--;
            }
        }
        watch(window, deliveries);
    }
}

int main(int argc, char **argv) {
    (void)argc;
    count = count_option(argv, "connections");
    size = count_option(argv, "size");
    options = parse_options(argv);
    noise = make_noise(size);
    buffer = allocate(size + 1, 1);
    connections = allocate(count, sizeof *connections);
    epoll = new_epoll();
    join_all();
    struct window window = open_window(&options);

    for (size_t turn = count - 1; !window.over; turn++)
        broadcast(&connections[turn % count], &window);
    report(&window, "");
    return 0;
}
