from sockstream import net, run

def main():
    server = net.create_server(no_delay=True)

    @server.on("connection")
    def echo(socket):
        socket.pipe(socket)

    server.listen(8431, "localhost", lambda: print("listening on", server.address()))

run(main)
