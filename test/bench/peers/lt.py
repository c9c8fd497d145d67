"""libtorrent as a sender and a receiver that print JSON lines, on loopback and with TCP alone.

lt.py send PATH TORRENT PORT [UP_BYTES_PER_SECOND]
lt.py receive FOLDER TORRENT PORT SENDER_PORT [stay]
"""
import json
import os
import signal
import sys
import time

import libtorrent

POLL_SECONDS = 0.01


def tell(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)


def session(port):
    return libtorrent.session(
        {
            "listen_interfaces": f"127.0.0.1:{port}",
            "allow_multiple_connections_per_ip": True,
            **{f"enable_{what}": False for what in ("dht", "lsd", "upnp", "natpmp", "outgoing_utp", "incoming_utp")},
        }
    )


def tell_at_end(handle):
    def end(*_):
        status = handle.status()
        tell("sent", bytes=status.total_payload_upload, received=status.total_payload_download)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)


def send(path, torrent, port, up=0):
    folder = os.path.dirname(os.path.abspath(path))
    files = libtorrent.file_storage()
    libtorrent.add_files(files, path)
    made = libtorrent.create_torrent(files)
    libtorrent.set_piece_hashes(made, folder)
    with open(torrent, "wb") as out:
        out.write(libtorrent.bencode(made.generate()))
    params = libtorrent.add_torrent_params()
    params.ti, params.save_path = libtorrent.torrent_info(torrent), folder
    params.flags |= libtorrent.torrent_flags.seed_mode
    held = session(port)
    handle = held.add_torrent(params)
    if up:
        handle.set_upload_limit(up)
    tell_at_end(handle)
    tell("ready", port=port)
    while True:
        time.sleep(1)


def receive(folder, torrent, port, sender, stays=False):
    params = libtorrent.add_torrent_params()
    params.ti, params.save_path = libtorrent.torrent_info(torrent), folder
    params.flags &= ~(libtorrent.torrent_flags.auto_managed | libtorrent.torrent_flags.paused)
    held = session(port)
    handle = held.add_torrent(params)
    tell_at_end(handle)
    handle.connect_peer(("127.0.0.1", sender))
    while not handle.status().is_seeding:
        if handle.status().errc.value():
            sys.exit(handle.status().errc.message())
        time.sleep(POLL_SECONDS)
    tell("done")
    while stays:
        time.sleep(1)


if __name__ == "__main__":
    role, *rest = sys.argv[1:]
    if role == "send":
        send(rest[0], rest[1], int(rest[2]), int(rest[3]) if len(rest) > 3 else 0)
    else:
        receive(rest[0], rest[1], int(rest[2]), int(rest[3]), len(rest) > 4)
