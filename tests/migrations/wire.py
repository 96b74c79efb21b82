"""Stands between Davy and PostgreSQL, and counts what is asked: at the Nth statement something happens, before it reaches
the server or after it was carried out there. What it does not touch it passes on byte by byte."""
import socket
import threading


class Wire:
    def __init__(self, to, at, when, happens):
        """at: the number of the statement. when: `before` or `after`. happens: called once; then the wire is cut."""
        self.to, self.at, self.when, self.happens = to, at, when, happens
        self.count, self.cut = 0, False
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()
        self.hang_up()

    def hang_up(self):
        for pair in self.pairs:
            for one in pair:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs.append((client, server))
            state = {"held": threading.Event(), "waits": False}
            threading.Thread(target=self.asked, args=(client, server, state), daemon=True).start()
            threading.Thread(target=self.answered, args=(server, client, state), daemon=True).start()

    def happen(self):
        with self.lock:
            if self.cut:
                return
            self.cut = True
        self.happens()
        self.hang_up()

    @staticmethod
    def whole(source, n):
        data = b""
        while len(data) < n:
            more = source.recv(n - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def asked(self, client, server, state):
        """Messages of the client: the first has no kind; P begins a statement."""
        try:
            first = True
            while True:
                kind = b"" if first else self.whole(client, 1)
                size = self.whole(client, 4)
                body = self.whole(client, int.from_bytes(size, "big") - 4)
                if first and body == b"\x04\xd2\x16\x2f":  # asks for TLS: there is none
                    client.sendall(b"N")
                    continue
                first = False
                if kind == b"P":
                    with self.lock:
                        self.count += 1
                        now = self.count == self.at and not self.cut
                    if now and self.when == "before":
                        return self.happen()
                    state["waits"] = now
                server.sendall(kind + size + body)
        except OSError:
            self.end(client, server)

    def answered(self, server, client, state):
        """Messages of the server: Z says that a statement is over."""
        try:
            while True:
                kind = self.whole(server, 1)
                size = self.whole(server, 4)
                body = self.whole(server, int.from_bytes(size, "big") - 4)
                if kind == b"Z" and state["waits"]:
                    return self.happen()
                if not state["waits"]:
                    client.sendall(kind + size + body)
        except OSError:
            self.end(client, server)

    @staticmethod
    def end(*both):
        for one in both:
            try:
                one.shutdown(socket.SHUT_RDWR)  # who reads it in another thread would keep it open
            except OSError:
                pass
            one.close()
