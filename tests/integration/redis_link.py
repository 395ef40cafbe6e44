"""A Redis of the test's own (port, folder, password) and just enough of its protocol to look into it."""
import pathlib
import shutil
import signal
import socket
import subprocess
import time


class RedisServer:
    """Every acknowledged write is on disk (appendfsync always), so kill -9 forgets nothing by itself."""

    def __init__(self, folder, port, password):
        self.folder, self.port, self.password = pathlib.Path(folder), port, password
        self.process = None

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "redis.conf"
        config.touch(mode=0o600)
        config.write_text(f'bind 127.0.0.1\nport {self.port}\ndir "{self.folder}"\nsave ""\nappendonly yes\nappendfsync always\n'
                          f'requirepass {self.password}\ndaemonize no\n'
                          # The rights docs/events.md advises, and nothing more.
                          f'user feeder on >{self.password} ~dunlin:ev:* &dunlin:live:* +xadd +multi +exec +publish +ping\n')
        with open(self.folder.parent / "redis.log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(["redis-server", str(config)], stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with RedisLink(self.port, self.password) as link:
                    link.ask("PING")
                    return
            except (OSError, RuntimeError):
                time.sleep(0.1)
        raise SystemExit(f"redis-server did not start; see {log.name}")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def forget(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class RedisLink:
    def __init__(self, port, password, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.file = self.socket.makefile("rb")
        self.ask("AUTH", password)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.file.close()
        self.socket.close()

    def send(self, *words):
        encoded = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))

    def ask(self, *words):
        self.send(*words)
        return self.read()

    def read(self):
        line = self.file.readline()
        if not line:
            raise RuntimeError("Redis hung up")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"$":
            if int(rest) < 0:
                return None
            return self.file.read(int(rest) + 2)[:-2].decode()
        return None if int(rest) < 0 else [self.read() for _ in range(int(rest))]

    def streams(self, prefix):
        return sorted(self.ask("KEYS", f"{prefix}:*"))

    def entries(self, stream):
        """Every entry's fields, in the order of the stream."""
        return [dict(zip(fields[::2], fields[1::2])) for _, fields in self.ask("XRANGE", stream, "-", "+")]
