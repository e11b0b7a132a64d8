"""Judges the reports of the Autobahn fuzzing client: `python3 scripts/autobahn_judge.py index.json`."""

import json
import sys
from collections import Counter

# Cases of groups 1 to 10, and of 12 and 13: fewer would mean that the suite did not run to its end.
FUNCTIONAL_CASES = 301
COMPRESSION_CASES = 216
# How a case and the closing after it may end.
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
GOOD_CLOSES = {"OK", "INFORMATIONAL"}


def main(path):
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)["kith"]
    compression = {name for name in cases if name.split(".")[0] in ("12", "13")}
    functional = set(cases) - compression
    bad = []
    for name in sorted(cases, key=lambda name: [int(part) for part in name.split(".")]):
        case = cases[name]
        expected = {"UNIMPLEMENTED"} if name in compression else GOOD
        if case["behavior"] not in expected:
            bad.append(f"{name}: {case['behavior']}")
        elif name in functional and case["behaviorClose"] not in GOOD_CLOSES:
            bad.append(f"{name}: closed {case['behaviorClose']}")
    counted = Counter(cases[name]["behavior"] for name in cases)
    print("autobahn: " + ", ".join(f"{number} {kind}" for kind, number in sorted(counted.items())))
    for kind in ("NON-STRICT", "INFORMATIONAL"):
        names = sorted(name for name in cases if cases[name]["behavior"] == kind)
        if names:
            print(f"autobahn: {kind}: {' '.join(names)}")
    if len(functional) != FUNCTIONAL_CASES or len(compression) != COMPRESSION_CASES:
        bad.append(f"{len(functional)} and {len(compression)} cases ran")
    for line in bad:
        print(f"autobahn: {line}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
