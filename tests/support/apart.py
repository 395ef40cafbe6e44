"""Runs a command in a network of its own: `apart.py COMMAND…`, exit code as the command's.

Tests that open ports on loopback run beside each other this way, and none meets another's ports. Needs the right to make
network namespaces (root has it); without it the exit code is 70 and nothing is run.
"""
import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000  # sched.h
SIOCSIFFLAGS = 0x8914  # linux/sockios.h
IFF_UP = 0x1  # net/if.h


def leave_network():
    """A new namespace has a loopback interface that is down."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def main():
    try:
        leave_network()
    except OSError as refused:
        print(f"no network of its own for {' '.join(sys.argv[1:])}: {refused}", file=sys.stderr)
        return 70
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
