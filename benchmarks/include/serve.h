/* What the servers in C that move bulk have in common: one epoll loop, until they are killed. */
#include "base.h"
#include <fcntl.h>
#include <signal.h>

/* What a pipe between two descriptors holds: the kernel's limit without privileges. */
#define PIPE_SIZE (1024 * 1024)

/* Each descriptor has an owner: `ready` gets it and the events; `accepted` gets each new client. */
SHARED void serve(int epoll, void (*accepted)(int client), void (*ready)(void *owner, uint32_t events)) {
    struct epoll_event events[512];
    signal(SIGPIPE, SIG_IGN);
    int listener = listen_and_tell();
    epoll_want(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
    for (;;) {
        int count = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                ready(events[i].data.ptr, events[i].events);
            else
                for (int client; (client = accept_one(listener)) >= 0;)
                    accepted(client);
        }
    }
}
