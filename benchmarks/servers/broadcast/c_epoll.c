/* Broadcast: epoll; what one client sends is sent to all. */
#include "serve.h"

#define CHUNK 65536
/* Descriptors are below this. */
#define MOST 65536

/* The clients that are connected, without gaps; and, by descriptor, where in `clients` one stands. */
static int clients[MOST], place[MOST], count;
static int epoll;
static char chunk[CHUNK];

static void join(int client) {
    if (client >= MOST)
        die("too many clients");
    place[client] = count;
    clients[count++] = client;
    epoll_want(epoll, EPOLL_CTL_ADD, client, EPOLLIN, &place[client]);
}

static void leave(int client) {
    close(client);
    clients[place[client]] = clients[--count];
    place[clients[count]] = place[client];
}

static void ready(void *owner, uint32_t events) {
    (void)events; /* only one kind is watched for */
    int client = (int)((int *)owner - place);
    ssize_t size = recv(client, chunk, CHUNK, 0);
    if (size <= 0)
        leave(client);
    /* This program buffers nothing: one that does not take it all is too slow for it. */
    for (int i = 0; i < count && size > 0; i++)
        if (send(clients[i], chunk, (size_t)size, MSG_NOSIGNAL) != size)
            die("send: %s", strerror(errno));
}

int main(void) {
    epoll = new_epoll();
    serve(epoll, join, ready);
}
