"""Says which operations of an OpenAPI document no recorded request has reached.

Reached means that the operation itself answered: not 401 (no session), 405 or 429, and nothing from 500 on.

    operations_reached.py http://127.0.0.1:8080/openapi.json report.har ...
"""

import json
import re
import sys
from collections import Counter
from urllib.parse import urlsplit
from urllib.request import urlopen

METHODS = {"get", "put", "post", "delete", "patch"}
ELSEWHERE = {401, 405, 429}


def operations(document):
    """Every operation, and the pattern of its path: literal segments before parameters."""
    for path, item in document["paths"].items():
        pattern = re.compile("^" + re.sub(r"\\\{[^/]*?\\\}", "[^/]*", re.escape(path)) + "$")
        for method, operation in item.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", method, pattern, operation


def answers(reports):
    for report in reports:
        with open(report, encoding="utf-8") as file:
            for entry in json.load(file)["log"]["entries"]:
                request = entry["request"]
                yield request["method"].lower(), urlsplit(request["url"]).path, entry["response"]["status"]


def is_reached(operation, status):
    return status not in ELSEWHERE and 100 <= status < 500 or status == 401 and not operation.get("security", True)


def main(address, reports):
    with urlopen(address) as answer:
        known = list(operations(json.load(answer)))
    # A path without parameters is the better match for itself.
    known.sort(key=lambda one: one[0].count("{"))
    reached, succeeded = Counter(), Counter()
    for method, path, status in answers(reports):
        for name, expected, pattern, operation in known:
            if method == expected and pattern.match(path):
                reached[name] += is_reached(operation, status)
                succeeded[name] += 200 <= status < 300
                break
    missed = [name for name, *_ in known if not reached[name]]
    print(f"{len(known)} operations, {len(known) - len(missed)} reached, {sum(1 for n, *_ in known if succeeded[n])} with 2xx")
    for name in missed:
        print(f"not reached: {name}", file=sys.stderr)
    return 1 if missed or not known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
