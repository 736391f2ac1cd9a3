"""Runs drive.py with a validating proxy in front of each API, and prints every answer that its document refuses.

usage: proxied.py PROXY FOLDER    where FOLDER has the OpenAPI documents and SCW_API_URL is the server's address

The documents know neither errors nor `null`, and not every success: what they cannot judge is left out. Everything
else that the proxy finds in an answer is printed, and makes the exit code 1.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

DOCUMENTS = {
    "INSTANCE": "api-evangelist_scaleway-instance-openapi.yml",
    "BLOCK": "derived_block-v1.openapi.json",
    "VPC": "api-evangelist_scaleway-vpc-openapi.yml",
    "IPAM": "derived_ipam-v1.openapi.json",
    "MARKETPLACE": "derived_marketplace-v2.openapi.json",
    "IAM": "api-evangelist_scaleway-iam-openapi.yml",
}
# Loading the largest document takes seconds.
PATIENCE = 120


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < end, "the proxy does not start"
            time.sleep(0.1)


def judged(finding):
    """Whether a line of a finding is one that the documents can judge."""
    line = finding.strip()
    if re.search(r": None is not of type '(string|integer|object)'$", line):
        return False
    # The parts of one failure: what is wrong follows in lines of its own.
    return not re.match(r"(InvalidData|InvalidSchemaValue|DataValidationError)\b", line)


def findings(report):
    for line in open(report):
        exchange = json.loads(line)
        for finding in exchange["resp"]:
            unknown_status = "Unknown response http status" in finding
            raw_text = "mimetype not found: text/plain" in finding
            if judged(finding) and not (unknown_status or raw_text or finding.startswith("MediaTypeNotFound")):
                yield f"{exchange['m']} {exchange['p']} {exchange['status']}: {finding.strip()}"


def run(proxy, folder):
    proxies, found, exchanges = [], [], 0
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory() as reports:
        try:
            for api, document in DOCUMENTS.items():
                port, report = free_port(), f"{reports}/{api}.jsonl"
                proxies.append(
                    subprocess.Popen(
                        [sys.executable, proxy, f"{folder}/{document}", str(port), os.environ["SCW_API_URL"], report]
                    )
                )
                environment["SCW_API_URL_" + api] = f"http://127.0.0.1:{port}"
            for api in DOCUMENTS:
                wait_for(int(environment["SCW_API_URL_" + api].rsplit(":", 1)[1]))
            drive = os.path.join(os.path.dirname(os.path.abspath(__file__)), "drive.py")
            subprocess.run([sys.executable, drive], env=environment, check=True)
        finally:
            for process in proxies:
                process.kill()
                process.wait()
        for api in DOCUMENTS:
            exchanges += sum(1 for _ in open(f"{reports}/{api}.jsonl"))
            found += findings(f"{reports}/{api}.jsonl")
    for line in sorted(set(found)):
        print(line)
    print(f"{exchanges} exchanges, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2]))
