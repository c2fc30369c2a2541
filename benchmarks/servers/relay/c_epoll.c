/* Relay, called with `splice` or `copy` and the target's port: epoll, and either splice(2), each direction through a
 * pipe of its own, so that the bytes never leave the kernel; or a chunk of memory that is filled and emptied, which is what
 * is left to gain where the payload is looked at. */
#include "serve.h"

#define CHUNK (256 * 1024)

struct flow {
    int from, to, pipe[2];
    unsigned char *chunk;
    size_t begin, held; /* bytes in the pipe or the chunk */
    bool ended, over;
};

/* One of a link's two sockets, as epoll knows it: the flow that comes from it, and the one that goes to it. */
struct end {
    struct link *link;
    struct flow *in, *out;
};

struct link {
    struct flow flows[2];
    struct end client, upstream;
    struct link *next;
};

static int epoll, target;
static bool copying;
/* Links that are over are used again, not freed: an event of theirs may still stand in the batch, and does no harm. */
static struct link *unused;

static struct flow new_flow(int from, int to) {
    struct flow flow = {.from = from, .to = to, .pipe = {-1, -1}};
    if (copying) {
        flow.chunk = allocate(CHUNK, 1);
        return flow;
    }
    if (pipe2(flow.pipe, O_NONBLOCK | O_CLOEXEC))
        die("pipe2: %s", strerror(errno));
    fcntl(flow.pipe[0], F_SETPIPE_SZ, PIPE_SIZE);
    return flow;
}

static void begin_link(int client) {
    struct link *link = unused ? unused : allocate(1, sizeof *link);
    int upstream = connect_to(target);
    if (link == unused)
        unused = link->next;
    *link = (struct link){
        .flows = {new_flow(client, upstream), new_flow(upstream, client)},
        .client = {link, &link->flows[0], &link->flows[1]},
        .upstream = {link, &link->flows[1], &link->flows[0]},
    };
    epoll_watch(epoll, client, &link->client);
    epoll_watch(epoll, upstream, &link->upstream);
}

/* Both return what the kernel returns: a count, 0 at the end, -1 when nothing can be moved now. */
static ssize_t take(const struct flow *flow) {
    if (!copying)
        return splice(flow->from, NULL, flow->pipe[1], NULL, PIPE_SIZE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (!flow->held)
        return recv(flow->from, flow->chunk, CHUNK, 0);
    errno = EAGAIN;
    return -1;
}

static ssize_t give(const struct flow *flow) {
    if (!copying)
        return splice(flow->pipe[0], NULL, flow->to, NULL, flow->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    return send(flow->to, flow->chunk + flow->begin, flow->held, MSG_NOSIGNAL);
}

static size_t moved(ssize_t count) {
    if (count < 0 && errno != EAGAIN)
        die("a connection broke: %s", strerror(errno));
    return count > 0 ? (size_t)count : 0;
}

/* Move what there is until neither end can go on: then an edge of one of them will come.  The end is passed on. */
static void pump(struct flow *flow) {
    for (bool progress = true; progress && !flow->over;) {
        size_t in = 0, out = 0;
        if (!flow->ended) {
            ssize_t count = take(flow);
            in = moved(count);
            flow->ended = count == 0;
            flow->begin = flow->held ? flow->begin : 0;
            flow->held += in;
        }
        if (flow->held) {
            out = moved(give(flow));
            flow->begin += out;
            flow->held -= out;
        }
        progress = in || out;
        if (flow->ended && !flow->held) {
            shutdown(flow->to, SHUT_WR);
            flow->over = true;
        }
    }
}

static bool is_over(const struct link *link) {
    return link->flows[0].over && link->flows[1].over;
}

static void end_link(struct link *link) {
    for (struct flow *flow = link->flows; flow < link->flows + 2; flow++) {
        close(flow->from);
        close(flow->pipe[0]);
        close(flow->pipe[1]);
        free(flow->chunk);
    }
    link->next = unused;
    unused = link;
}

static void ready(void *owner, uint32_t events) {
    struct end *end = owner;
    bool was_over = is_over(end->link);
    if (events & ~EPOLLOUT)
        pump(end->in);
    if (events & EPOLLOUT)
        pump(end->out);
    if (!was_over && is_over(end->link))
        end_link(end->link);
}

int main(int argc, char **argv) {
    if (argc < 3)
        die("%s splice|copy PORT", argv[0]);
    copying = !strcmp(argv[1], "copy");
    target = atoi(argv[2]);
    epoll = new_epoll();
    serve(epoll, begin_link, ready);
}
