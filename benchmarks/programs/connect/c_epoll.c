/* Connects, sends one message, takes it back, closes; so many at a time.  Arguments: how many, the message's size, port. */
#include "base.h"

struct connection {
    int fd;
    bool asked;
    size_t received;
};

static int port, epoll;
static size_t size;
static unsigned char *message, *buffer;

static void begin(struct connection *connection) {
    struct sockaddr_in server = loopback(port);
    *connection = (struct connection){.fd = new_socket()};
    if (connect(connection->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    epoll_watch(epoll, connection->fd, connection);
}

static void progress(struct connection *connection) {
    if (!connection->asked) {
        connection->asked = true;
        if (send(connection->fd, message, size, MSG_NOSIGNAL) != (ssize_t)size)
            die("send: %s", strerror(errno));
        return;
    }
    ssize_t count = recv(connection->fd, buffer, size, 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0 || connection->received + (size_t)count > size)
        die("the server sent something else");
    if (memcmp(buffer, message + connection->received, (size_t)count))
        die("the server changed a byte");
    connection->received += (size_t)count;
    if (connection->received == size) {
        close(connection->fd);
        begin(connection);
    }
}

int main(int argc, char **argv) {
    if (argc != 4)
        die("usage: c_epoll CONNECTIONS SIZE PORT");
    size_t count = strtoul(argv[1], NULL, 10);
    size = strtoul(argv[2], NULL, 10);
    port = atoi(argv[3]);
    message = allocate(size, 1);
    buffer = allocate(size, 1);
    for (size_t i = 0; i < size; i++)
        message[i] = (unsigned char)i;
    epoll = new_epoll();
    struct connection *connections = allocate(count, sizeof *connections);
    struct epoll_event events[512];
    puts("0");
    fflush(stdout);
    for (size_t i = 0; i < count; i++)
        begin(&connections[i]);
    for (;;) {
        int ready = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < ready; i++)
            progress(events[i].data.ptr);
    }
}
