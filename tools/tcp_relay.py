"""A TCP relay between a node and one member of etcd, on which faults are switched while it runs.

It sees sealed bytes only. `open` passes all; `cut` swallows all and answers nothing, as a firewall that drops does;
`lossy` passes every request but breaks the connection before the answer, for a share of the answers: what was asked may
have been done, and whoever asked cannot know.
"""
import enum
import random
import selectors
import socket
import threading

CHUNK = 65536


class Mode(enum.Enum):
    OPEN = "open"
    CUT = "cut"
    LOSSY = "lossy"


class TcpRelay:
    """Listens on 127.0.0.1:`port` and passes to 127.0.0.1:`target` from a thread of its own, until `stop`."""

    def __init__(self, port, target, seed):
        self.port, self.target = port, target
        self.mode = Mode.OPEN
        self.loss = 0.0
        self.broken = 0
        self.dice = random.Random(seed)
        self.selector = selectors.DefaultSelector()
        self.is_stopped = False
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.thread = threading.Thread(target=self.serve, name=f"relay-{port}", daemon=True)
        self.thread.start()

    def open(self):
        self.mode = Mode.OPEN

    def cut(self):
        self.mode = Mode.CUT

    def lose_answers(self, share):
        """`share` of the pieces on their way back (0 to 1) break their connection instead of arriving."""
        self.loss, self.mode = share, Mode.LOSSY

    def stop(self):
        self.is_stopped = True
        self.thread.join(timeout=5)

    def serve(self):
        while not self.is_stopped:
            for key, _ in self.selector.select(timeout=0.2):
                if key.fileobj.fileno() == -1:
                    continue  # Closed by its other half in this round.
                if key.data is None:
                    self.accept()
                else:
                    self.pass_on(key.fileobj, *key.data)
        for key in list(self.selector.get_map().values()):
            self.selector.unregister(key.fileobj)
            key.fileobj.close()

    def accept(self):
        try:
            near, _ = self.listener.accept()
        except OSError:
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=2)
        except OSError:
            near.close()  # The member is dead: its port would refuse as well.
            return
        for end, other, is_answer in ((near, far, False), (far, near, True)):
            end.settimeout(10)
            self.selector.register(end, selectors.EVENT_READ, (other, is_answer))

    def pass_on(self, end, other, is_answer):
        try:
            piece = end.recv(CHUNK)
            if piece and self.mode is Mode.CUT:
                return  # Swallowed: both sides wait, as behind a firewall.
            if piece and is_answer and self.mode is Mode.LOSSY and self.dice.random() < self.loss:
                self.broken += 1
                piece = b""
            if piece:
                other.sendall(piece)
                return
        except OSError:
            pass
        for half in (end, other):
            self.selector.unregister(half)
            half.close()
