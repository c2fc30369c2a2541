from sockstream import net, run

async def echo(socket):
    async for chunk in socket:
        socket.write(chunk)
        await socket.drain()

async def main():
    server = await net.start_server(echo, port=8431, host="localhost", no_delay=True)
    print("listening on", server.address())

run(main)
