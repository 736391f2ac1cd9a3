#!/usr/bin/env python3
"""Asks a Scaleway account of your own what no document says.

    SCW_ACCESS_KEY=… SCW_SECRET_KEY=… SCW_DEFAULT_PROJECT_ID=… examples/scaleway/probe.py --zone fr-par-1

Says first what it will make and what that costs, and begins only after a "yes". Everything it makes carries the tag
operator-probe=RUN; at the end, and after Ctrl-C, everything with that tag is deleted, and what could not be deleted is
named. It touches nothing else. Use a project of its own all the same. Needs Python 3.8 and nothing besides.
"""

import argparse
import http.client
import json
import os
import secrets
import sys
import time
import urllib.parse

PLAN = """This makes in project {project}, zone {zone}:
  - up to 8 disks of 1 GB, 2 snapshots of them,
  - up to 3 servers of type {type}, one of which runs for a few minutes,
  - where a type is out of stock and you say yes once more, one server of that type that is asked to start.
It takes about ten minutes and costs a few cents. Everything is tagged operator-probe={run} and deleted at the end.
"""

GIGABYTE = 1_000_000_000


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status, body):
        super().__init__(f"HTTP {status} {json.dumps(body)}")
        self.status, self.body = status, body


class Scaleway:
    """The few calls that the probes need."""

    def __init__(self, options):
        url = urllib.parse.urlsplit(os.environ.get("SCW_API_URL", "https://api.scaleway.com"))
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self.connect = lambda: kind(url.netloc, timeout=30)
        self.token = os.environ["SCW_SECRET_KEY"]
        self.project = os.environ["SCW_DEFAULT_PROJECT_ID"]
        self.servers = f"/instance/v1/zones/{options.zone}/servers"
        self.products = f"/instance/v1/zones/{options.zone}/products/servers"
        self.volumes = f"/block/v1/zones/{options.zone}/volumes"
        self.snapshots = f"/block/v1/zones/{options.zone}/snapshots"
        self.pause = options.pause
        self.tag = f"operator-probe={options.run}"

    def ask(self, method, path, body=None):
        connection = self.connect()
        headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        try:
            content = json.loads(text) if text else None
        except ValueError:
            content = text
        if answer.status >= 300:
            raise Refused(answer.status, content)
        return content

    def send_and_hang_up(self, method, path, body):
        """Sends a request and closes the connection without waiting for the answer."""
        connection = self.connect()
        headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body), headers)
        connection.close()

    def everything(self, path, name, size, project):
        """Reads a listing to its end: an empty page."""
        found, number = [], 1
        while True:
            page = self.ask("GET", f"{path}?{project}={self.project}&page={number}&{size}=100")[name]
            if not page:
                return found
            found += page
            number += 1

    def tagged_servers(self):
        servers = self.everything(self.servers, "servers", "per_page", "project")
        return [server for server in servers if self.tag in server["tags"]]

    def tagged(self, path, name):
        return [thing for thing in self.everything(path, name, "page_size", "project_id") if self.tag in thing["tags"]]

    # Making

    def make_volume(self, **more):
        body = {"name": "operator-probe", "project_id": self.project, "perf_iops": 5000, "tags": [self.tag]}
        body.update(more or {"from_empty": {"size": GIGABYTE}})
        return self.ask("POST", self.volumes, body)["id"]

    def make_snapshot(self, volume):
        body = {"name": "operator-probe", "project_id": self.project, "volume_id": volume, "tags": [self.tag]}
        return self.ask("POST", self.snapshots, body)["id"]

    def server_body(self, kind):
        return {
            "name": "operator-probe", "commercial_type": kind, "image": "ubuntu_jammy", "project": self.project,
            "dynamic_ip_required": False, "tags": [self.tag],
            "volumes": {"0": {"size": 10 * GIGABYTE, "volume_type": "sbs_volume", "boot": False}},
        }

    def make_server(self, kind):
        server = self.ask("POST", self.servers, self.server_body(kind))["server"]
        self.tag_root(server)
        return server["id"]

    def tag_root(self, server):
        """The disk that came with a server has no tags of its own."""
        for volume in server["volumes"].values():
            self.ask("PATCH", f"{self.volumes}/{volume['id']}", {"tags": [self.tag]})

    def act(self, server, action):
        self.ask("POST", f"{self.servers}/{server}/action", {"action": action})

    # Waiting

    def wait(self, what, look, *wanted):
        """Waits until a thing is in one of these states; gives up after five minutes."""
        end = time.monotonic() + 300
        while True:
            state = look()
            if state in wanted:
                return state
            if time.monotonic() > end:
                raise TimeoutError(f"{what} is {state} after five minutes")
            time.sleep(self.pause)

    def wait_volume(self, volume, *wanted):
        return self.wait("disk " + volume, lambda: self.ask("GET", f"{self.volumes}/{volume}")["status"], *wanted)

    def wait_snapshot(self, snapshot, *wanted):
        look = lambda: self.ask("GET", f"{self.snapshots}/{snapshot}")["status"]
        return self.wait("snapshot " + snapshot, look, *wanted)

    def wait_server(self, server, *wanted):
        look = lambda: self.ask("GET", f"{self.servers}/{server}")["server"]["state"]
        return self.wait("server " + server, look, *wanted)


def outcome(call):
    """What a call came to, in words."""
    try:
        call()
        return "accepted"
    except Refused as refusal:
        return f"refused: {refusal}"


def delete_volume_while_snapshot_is_cut(cloud, options):
    volume = cloud.make_volume()
    cloud.wait_volume(volume, "available")
    snapshot = cloud.make_snapshot(volume)
    before = cloud.ask("GET", f"{cloud.snapshots}/{snapshot}")["status"]
    deletion = outcome(lambda: cloud.ask("DELETE", f"{cloud.volumes}/{volume}"))
    end = cloud.wait_snapshot(snapshot, "available", "error")
    return f"snapshot was {before}; deletion of its disk {deletion}; the snapshot then became {end}"


def delete_snapshot_with_child(cloud, options):
    volume = cloud.make_volume()
    cloud.wait_volume(volume, "available")
    snapshot = cloud.make_snapshot(volume)
    cloud.wait_snapshot(snapshot, "available")
    child = cloud.make_volume(from_snapshot={"snapshot_id": snapshot})
    cloud.wait_volume(child, "available")
    deletion = outcome(lambda: cloud.ask("DELETE", f"{cloud.snapshots}/{snapshot}"))
    parent = cloud.ask("GET", f"{cloud.volumes}/{child}")["parent_snapshot_id"]
    return f"deletion of the snapshot {deletion}; the disk made from it now has parent_snapshot_id {parent}"


def delete_running_server_and_its_disk(cloud, options):
    server = cloud.make_server(options.type)
    volume = cloud.ask("GET", f"{cloud.servers}/{server}")["server"]["volumes"]["0"]["id"]
    cloud.act(server, "poweron")
    cloud.wait_server(server, "running")
    disk = outcome(lambda: cloud.ask("DELETE", f"{cloud.volumes}/{volume}"))
    deletion = outcome(lambda: cloud.ask("DELETE", f"{cloud.servers}/{server}"))
    time.sleep(cloud.pause)
    after = outcome(lambda: cloud.ask("GET", f"{cloud.servers}/{server}"))
    left = outcome(lambda: cloud.ask("GET", f"{cloud.volumes}/{volume}"))
    return f"(d) deletion of the disk in use {disk}; (c) of the running server {deletion}; " \
        f"a read of the server then {after}, of its disk {left}"


def limits_of_tags(cloud, options):
    volume = cloud.make_volume()
    cloud.wait_volume(volume, "available")
    words = [
        ("64 characters", ["x" * 64]), ("128", ["x" * 128]), ("256", ["x" * 256]), ("1024", ["x" * 1024]),
        ("20 tags", [f"t{n}=1" for n in range(20)]), ("50 tags", [f"t{n}=1" for n in range(50)]),
        ("a comma", ["a,b"]), ("a colon", ["a:b"]), ("a space", ["a b"]), ("a letter beyond ASCII", ["ä"]),
    ]
    results = []
    for name, tags in words:
        patch = lambda: cloud.ask("PATCH", f"{cloud.volumes}/{volume}", {"tags": [cloud.tag] + tags})
        said = outcome(patch)
        kept = cloud.ask("GET", f"{cloud.volumes}/{volume}")["tags"]
        results.append(f"{name}: {said if said != 'accepted' or set(tags) <= set(kept) else 'changed to ' + str(kept)}")
    cloud.ask("PATCH", f"{cloud.volumes}/{volume}", {"tags": [cloud.tag]})
    return "; ".join(results)


def lost_answer_of_a_create_call(cloud, options):
    known = {server["id"] for server in cloud.tagged_servers()}
    cloud.send_and_hang_up("POST", cloud.servers, cloud.server_body(options.type))
    begin = time.monotonic()
    while time.monotonic() - begin < 60:
        for server in cloud.tagged_servers():
            if server["id"] not in known:
                cloud.tag_root(server)
                return f"the server exists, and was listed after {time.monotonic() - begin:.1f} s"
        time.sleep(cloud.pause)
    return "no server within a minute"


def power_on_without_stock(cloud, options):
    stock = cloud.ask("GET", f"{cloud.products}/availability?per_page=100")["servers"]
    gone = sorted(name for name, entry in stock.items() if entry["availability"] == "shortage")
    if not gone:
        return "nothing is out of stock here at the moment"
    kind = gone[0]
    if not agreed(f"Ask for a {kind}, which is said to be out of stock? If it starts it is stopped at once.", options):
        return f"{kind} is out of stock; not tried"
    server = cloud.make_server(kind)
    said = outcome(lambda: cloud.act(server, "poweron"))
    return f"power on of a {kind}: {said}"


def lag_of_listings(cloud, options):
    lags = []
    for _ in range(3):
        volume, begin = cloud.make_volume(), time.monotonic()
        while volume not in {found["id"] for found in cloud.tagged(cloud.volumes, "volumes")}:
            if time.monotonic() - begin > 120:
                return f"disk {volume} was not listed within two minutes"
        lags.append(time.monotonic() - begin)
    return "a new disk was listed after " + ", ".join(f"{lag:.2f} s" for lag in lags)


PROBES = {
    "a": ("delete a disk while its snapshot is being cut", delete_volume_while_snapshot_is_cut),
    "b": ("delete a snapshot that a disk was made from", delete_snapshot_with_child),
    "cd": ("delete a running server, and a disk in use", delete_running_server_and_its_disk),
    "e": ("limits of tags", limits_of_tags),
    "f": ("a create call whose answer is lost", lost_answer_of_a_create_call),
    "g": ("power on of a type that is out of stock", power_on_without_stock),
    "h": ("how soon listings show what was made", lag_of_listings),
}


def agreed(question, options):
    return options.yes or input(question + " [yes/no] ").strip() == "yes"


def clean_up(cloud):
    """Deletes everything with this run's tag.

    Returns what is left, in words.
    """
    left = []
    for server in cloud.tagged_servers():
        try:
            if server["state"] not in ("stopped", "stopping"):
                cloud.act(server["id"], "poweroff")
            cloud.wait_server(server["id"], "stopped")
            cloud.tag_root(server)
            cloud.ask("DELETE", f"{cloud.servers}/{server['id']}")
        except (Refused, TimeoutError) as problem:
            left.append(f"server {server['id']}: {problem}")
    for kind, path, name, ready in (
        ("disk", cloud.volumes, "volumes", cloud.wait_volume),
        ("snapshot", cloud.snapshots, "snapshots", cloud.wait_snapshot),
    ):
        for thing in cloud.tagged(path, name):
            try:
                ready(thing["id"], "available", "error")
                cloud.ask("DELETE", f"{path}/{thing['id']}")
            except Refused as problem:
                if problem.status != 404:
                    left.append(f"{kind} {thing['id']}: {problem}")
            except TimeoutError as problem:
                left.append(f"{kind} {thing['id']}: {problem}")
    return left


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zone", default=os.environ.get("SCW_DEFAULT_ZONE", "fr-par-1"))
    parser.add_argument("--type", default="DEV1-S", help="the type of the servers (default: DEV1-S)")
    parser.add_argument("--only", default=",".join(PROBES), help="probes to run: " + ",".join(PROBES))
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two looks (default: 2)")
    parser.add_argument("--yes", action="store_true", help="do not ask; for an emulator")
    options = parser.parse_args()
    chosen = [name.strip() for name in options.only.split(",")]
    missing = [name for name in ("SCW_SECRET_KEY", "SCW_DEFAULT_PROJECT_ID") if not os.environ.get(name)]
    if missing or not set(chosen) <= set(PROBES):
        parser.error("set " + " and ".join(missing) if missing else "--only takes " + ",".join(PROBES))
    options.run = secrets.token_hex(4)
    cloud = Scaleway(options)
    print(PLAN.format(project=cloud.project, zone=options.zone, type=options.type, run=options.run))
    if not agreed("Go ahead?", options):
        return 1
    failed = False
    try:
        for name in chosen:
            title, probe = PROBES[name]
            print(f"({name}) {title}", flush=True)
            try:
                print("    " + probe(cloud, options), flush=True)
            except (Refused, TimeoutError, OSError) as problem:
                failed = True
                print(f"    not answered: {problem}", flush=True)
    finally:
        print("cleaning up", flush=True)
        left = clean_up(cloud)
        for line in left:
            print("LEFT BEHIND, delete it by hand: " + line, file=sys.stderr)
        if not left:
            print("everything that was made is deleted")
    return 2 if left else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
